const widest = 110;
const margin = ' '.repeat(9);

/** Prints the story: each line with the seconds since the beginning, long ones wrapped under themselves. */
export interface Teller {
  say(text: string): void;
  /** Lines without a time: somebody else's words, as they were. */
  show(lines: readonly string[]): void;
}

/** A story that begins now. */
export function startTelling(print: (line: string) => void = console.log): Teller {
  const startedMs = performance.now();
  return {
    say(text) {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
      for (const [index, line] of wrap(text, widest - margin.length).entries())
        print(`${index === 0 ? `${seconds} s  ` : margin}${line}`);
    },
    show(lines) {
      for (const line of lines) print(line === '' ? '' : `${margin}${line}`);
    },
  };
}

/** Text in lines of at most `width` characters, broken between words; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
