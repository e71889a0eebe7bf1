import { parseMac } from '../address/mac.ts';
import { canonicalText } from '../conntrack/canonical-text.ts';

/** The most texts that are remembered; when full, all are forgotten. */
const mostTexts = 16_384;
/** Longer ones are no address, and are read each time. */
const longestKept = 64;

/**
 * Reads texts that come again and again, each once. What is returned never points into the line it was cut from: a
 * flow that waits for its turn would else keep 64 KiB of the file in memory.
 */
function once(read: (text: string) => string | undefined): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found;
    const result = read(text);
    if (text.length > longestKept) return result;
    if (known.size >= mostTexts) known.clear();
    known.set(result === text ? result : detached(text), result);
    return result;
  };
}

/** A copy that shares no memory with the string it was cut from. */
const detached = (text: string) => ` ${text}`.slice(1);

/** How a parser reads its texts; each parser has its own. */
export interface Texts {
  /** Canonical text of an address, or undefined if it is none. */
  readonly address: (text: string) => string | undefined;
  /** A MAC, or undefined if it is none. */
  readonly mac: (text: string) => string | undefined;
  /** A word of the log's, at most 64 printable characters, or undefined for the empty one. */
  readonly word: (text: string) => string | undefined;
}

/** Nothing remembered yet. */
export function createTexts(): Texts {
  return {
    address: once(canonicalText),
    mac: once((text) => {
      const mac = parseMac(text);
      return mac && detached(mac);
    }),
    word: once((text) => detached(text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')) || undefined),
  };
}
