import type { Input, Instant, StampedInput } from './input.ts';

/** Prefixes hold numbers of 128 bits, which JSON lacks. A text that begins so (a device may be called `#0`) has it twice. */
const bigMark = '#';

/** One input as one line of JSON. Secrets of the configuration are left out. */
export function encodeInput(input: Input, at: Instant): string {
  return JSON.stringify({ ...input, at }, (name, value: unknown) => {
    if (typeof value === 'bigint' || (typeof value === 'string' && value.startsWith(bigMark)))
      return `${bigMark}${value}`;
    return name === 'password' ? undefined : value;
  });
}

/** Reads such a line back; undefined if it is none. */
export function decodeInput(line: string): StampedInput | undefined {
  try {
    const value: unknown = JSON.parse(line, (_, part: unknown) => {
      if (typeof part !== 'string' || !part.startsWith(bigMark)) return part;
      return /^#\d{1,39}$/.test(part) ? BigInt(part.slice(1)) : part.replace(/^##/, bigMark);
    });
    return isStamped(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStamped(value: unknown): value is StampedInput {
  if (typeof value !== 'object' || value === null) return false;
  const { type, at } = value as { readonly type?: unknown; readonly at?: Partial<Instant> | null };
  return typeof type === 'string' && typeof at?.nowMs === 'number' && typeof at.wallMs === 'number';
}
