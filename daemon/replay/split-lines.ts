/** A longer line is none of a flow log; it is passed over and counted. */
const longestLine = 65_536;

const carriageReturn = 13;

/** Cuts a text that comes in chunks into lines. */
export interface LineSplitter {
  /** Gives the lines that the chunk completes, without their line ends. */
  push(chunk: string, line: (text: string) => void): void;
  /** Gives what is left: a last line without an end. */
  end(line: (text: string) => void): void;
  /** Lines passed over for their length. */
  readonly overlong: () => number;
}

/** At the start of a text. Keeps at most `longest` characters. */
export function createLineSplitter(longest: number = longestLine): LineSplitter {
  let tail = '';
  let skipping = false;
  let overlong = 0;

  const drop = () => {
    if (!skipping) overlong++;
    skipping = true;
    tail = '';
  };
  const take = (text: string, line: (text: string) => void) => {
    if (text.length > longest) overlong++;
    else line(text.charCodeAt(text.length - 1) === carriageReturn ? text.slice(0, -1) : text);
  };

  return {
    push(chunk, line) {
      let from = 0;
      let stop = chunk.indexOf('\n');
      while (stop >= 0) {
        const text = tail === '' ? chunk.slice(from, stop) : tail + chunk.slice(from, stop);
        tail = '';
        if (!skipping) take(text, line);
        skipping = false;
        from = stop + 1;
        stop = chunk.indexOf('\n', from);
      }
      if (from === chunk.length || skipping) return;
      tail += chunk.slice(from);
      if (tail.length > longest) drop();
    },
    end(line) {
      if (tail !== '') take(tail, line);
      tail = '';
    },
    overlong: () => overlong,
  };
}
