/** What one chunk completed: whole lines without their newline, or word that the sender went too far. */
export interface SplitResult {
  readonly lines: readonly string[];
  /** A line grew over the limit; the splitter is of no use any more, since nobody knows where the next begins. */
  readonly overlong: boolean;
}

/** Cuts a stream of bytes into lines. Holds at most one unfinished line of `maxBytes`. */
export interface LineSplitter {
  readonly push: (chunk: Uint8Array) => SplitResult;
}

const newline = 10;

/** A splitter for UTF-8 lines; bytes that are no UTF-8 come back as U+FFFD. */
export function createLineSplitter(maxBytes: number): LineSplitter {
  /** Bound: maxBytes in all. */
  let parts: Uint8Array[] = [];
  let size = 0;
  let overlong = false;

  function take(last: Uint8Array): string {
    const whole = new Uint8Array(size + last.length);
    let offset = 0;
    for (const part of [...parts, last]) {
      whole.set(part, offset);
      offset += part.length;
    }
    parts = [];
    size = 0;
    return new TextDecoder().decode(whole);
  }

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      while (!overlong) {
        const end = chunk.indexOf(newline, start);
        const rest = end < 0 ? chunk.subarray(start) : chunk.subarray(start, end);
        // The newline counts, and an unfinished line needs one still.
        if (size + rest.length + 1 > maxBytes) {
          overlong = true;
          parts = [];
          break;
        }
        if (end < 0) {
          if (rest.length > 0) parts.push(rest.slice());
          size += rest.length;
          break;
        }
        lines.push(take(rest));
        start = end + 1;
      }
      return { lines, overlong };
    },
  };
}
