/** How one program writes its lines of JSON: what stands between the values. */
export interface LineTemplate {
  /** The members' names in their order. */
  readonly names: readonly string[];
  /** The texts before each value, with its opening quote where it has one, and the text after the last. */
  readonly between: readonly string[];
  /** By member: its value is a text. */
  readonly isText: readonly boolean[];
}

const start = /\s*"([^"\\]*)"\s*:\s*("?)/y;
const number = /-?[\d.]+/y;
const comma = /"?\s*,/y;

/**
 * The template of a line that is one object of JSON. Undefined where a member is neither a text without escapes nor a
 * plain number, or comes twice: such lines are read as any JSON.
 */
export function templateOf(line: string): LineTemplate | undefined {
  const template = { names: [] as string[], between: [] as string[], isText: [] as boolean[] };
  let from = 0;
  let at = line.indexOf('{') + 1;
  for (;;) {
    start.lastIndex = at;
    const [, name, quote] = start.exec(line) ?? [];
    if (name === undefined || template.names.includes(name)) return undefined;
    template.names.push(name);
    template.isText.push(quote === '"');
    template.between.push(line.slice(from, start.lastIndex));
    from = endOfValue(line, start.lastIndex, quote === '"');
    if (from < 0) return undefined;
    comma.lastIndex = from;
    if (!comma.test(line)) break;
    at = comma.lastIndex;
  }
  template.between.push(line.slice(from));
  return template;
}

function endOfValue(line: string, at: number, isText: boolean): number {
  if (isText) return line.indexOf('"', at);
  number.lastIndex = at;
  return number.test(line) ? number.lastIndex : -1;
}

/**
 * Reads a line's values by the template into `values`, in its order; false where the line looks otherwise. What it reads
 * is what JSON.parse would, at a third of the time: it makes no object, and compares what it knows.
 */
export function readBy({ between, isText }: LineTemplate, line: string, values: (string | number)[]): boolean {
  let at = 0;
  for (let index = 0; index < isText.length; index++) {
    const before = between[index] ?? '';
    if (!line.startsWith(before, at)) return false;
    at += before.length;
    const end = isText[index] ? textEnd(line, at) : numberEnd(line, at);
    if (end < 0) return false;
    values[index] = isText[index] ? line.slice(at, end) : numberIn(line, at, end);
    at = end;
  }
  const after = between[isText.length] ?? '';
  return line.length === at + after.length && line.endsWith(after);
}

/** Where the text's quote stands; -1 where it has an escape or none of the characters that JSON allows. */
function textEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === quote) return at;
    if (code < space || code === backslash) return -1;
  }
  return -1;
}

/** Where the number ends; -1 where it has a sign or an exponent, or is none of JSON's. */
function numberEnd(line: string, from: number): number {
  let at = from;
  let point = -1;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === dot && point < 0) point = at;
    else if (code < zero || code > nine) break;
  }
  const whole = (point < 0 ? at : point) - from;
  const isJson = whole > 0 && point !== at - 1 && (whole === 1 || line.charCodeAt(from) !== zero);
  return isJson ? at : -1;
}

/** A whole number that a double holds, by a power of ten: the nearest double, as JSON.parse gives it. */
function numberIn(line: string, from: number, end: number): number {
  let value = 0;
  let power = 1;
  let isFraction = false;
  for (let at = from; at < end; at++) {
    const code = line.charCodeAt(at);
    if (code === dot) isFraction = true;
    else {
      value = value * 10 + code - zero;
      if (isFraction) power *= 10;
    }
  }
  return value <= Number.MAX_SAFE_INTEGER && power <= 1e22 ? value / power : Number(line.slice(from, end));
}

const quote = 34;
const dot = 46;
const zero = 48;
const nine = 57;
const space = 32;
const backslash = 92;
