/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where: `postern.main.mode`, `postern.@device[2].relay`, `devices[2].relay`. */
  readonly option: string;
  /** What is wrong, with the value unless it is secret. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
  /** An error refuses the configuration; a warning is told and lived with. */
  readonly severity: 'error' | 'warning';
}

/** A problem that refuses the configuration. */
export function error(option: string, message: string, remedy: string): Problem {
  return { option, message, remedy, severity: 'error' };
}

/** A problem that is told and lived with. */
export function warning(option: string, message: string, remedy: string): Problem {
  return { option, message, remedy, severity: 'warning' };
}

/** The problem as one line for people: `postern.main.mode: "gaurd" is not one of guard, observe. Remedy: …` */
export function formatProblem(problem: Problem): string {
  return `${problem.option}: ${problem.message}. Remedy: ${problem.remedy}`;
}

const shownCharacters = 40;

/** A value as messages show it: quoted, escaped, and cut to a length that leaves the message readable. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value);
}

/** The candidate that `word` most likely meant: at most one edit for each three letters and two in all, else undefined. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 32) return undefined;
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = editsBetween(word.toLowerCase(), candidate);
    const most = Math.min(2, Math.floor(candidate.length / 3));
    if (edits <= most && edits < (best?.edits ?? 3)) best = { candidate, edits };
  }
  return best?.candidate;
}

/** Levenshtein's distance, where two neighbours that changed places cost one: `gaurd` is one edit from `guard`. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + same,
        swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
