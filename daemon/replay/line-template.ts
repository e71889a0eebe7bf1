/** How one program writes its lines of JSON: what stands between the values. */
export interface LineTemplate {
  /** The members' names in their order. */
  readonly names: readonly string[];
  /** The texts before each value, and the text after the last, in UTF-16 code units. */
  readonly between: readonly Uint16Array[];
}

const start = /\s*"([^"\\]*)"\s*:\s*/y;
const comma = /\s*,/y;
const close = /\s*\}\s*$/y;

/**
 * The template of a line that is one object of JSON. Undefined where a member's value is an object, has an escape or an
 * exponent, or where a member comes twice: such lines are read as any JSON.
 */
export function templateOf(line: string): LineTemplate | undefined {
  const names: string[] = [];
  const between: Uint16Array[] = [];
  let from = 0;
  let at = line.indexOf('{') + 1;
  for (;;) {
    start.lastIndex = at;
    const [, name] = start.exec(line) ?? [];
    if (name === undefined || names.includes(name)) return undefined;
    names.push(name);
    between.push(unitsOf(line.slice(from, start.lastIndex)));
    from = valueEnd(line, start.lastIndex);
    if (from < 0) return undefined;
    comma.lastIndex = from;
    if (!comma.test(line)) break;
    at = comma.lastIndex;
  }
  close.lastIndex = from;
  if (!close.test(line)) return undefined;
  between.push(unitsOf(line.slice(from)));
  return { names, between };
}

const unitsOf = (text: string) =>
  Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));

/** Whether the text stands there. One unit after the other: `startsWith` costs more than that for a few of them. */
function stands(text: Uint16Array, line: string, at: number): boolean {
  for (let index = 0; index < text.length; index++)
    if (line.charCodeAt(at + index) !== text[index]) return false;
  return true;
}

/** A member's value as far as a flow needs it: what is neither a text nor a number is null. */
export type Value = string | number | null;

/**
 * Reads a line's values by the template into `values`, in its order, where those of a line before may be; false where the line looks otherwise. What it reads
 * is what JSON.parse would, at a third of the time: it makes no object, and compares what it knows.
 */
export function readBy({ names, between }: LineTemplate, line: string, values: Value[]): boolean {
  let at = 0;
  for (let index = 0; index < names.length; index++) {
    const before = between[index] ?? none;
    if (!stands(before, line, at)) return false;
    at += before.length;
    const last = values[index];
    if (typeof last === 'string' && isSame(line, at, last)) {
      at += last.length + 2;
      continue;
    }
    at = readValue(line, at, values, index);
    if (at < 0) return false;
  }
  const after = between[names.length] ?? none;
  return line.length === at + after.length && stands(after, line, at);
}

const none = new Uint16Array();

/** Texts come again and again, and the one before costs neither a look at each character nor a text of its own. */
function isSame(line: string, from: number, last: string): boolean {
  return (
    line.charCodeAt(from + 1 + last.length) === quote &&
    line.charCodeAt(from) === quote &&
    line.startsWith(last, from + 1)
  );
}

/** Reads a value into its place; returns where it ends, or -1. */
function readValue(line: string, from: number, values: Value[], index: number): number {
  const code = line.charCodeAt(from);
  if (isDigit(code)) return readNumber(line, from, values, index);
  const end = valueEnd(line, from);
  if (end >= 0) values[index] = code === quote ? line.slice(from + 1, end - 1) : null;
  return end;
}

/** Where the value that begins here is over; -1 where it is none, or of another kind than templates know. */
function valueEnd(line: string, from: number): number {
  const code = line.charCodeAt(from);
  if (code === quote) return textEnd(line, from);
  if (isDigit(code)) return numberEnd(line, from);
  if (code === bracket) return listEnd(line, from);
  const word = words.find((one) => line.startsWith(one, from));
  return word === undefined ? -1 : from + word.length;
}

const words = ['null', 'true', 'false'] as const;

function textEnd(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code < space || code === backslash) return -1;
  }
  return -1;
}

/**
 * Reads a number of digits and a point (no sign, no exponent, no zero in front) into its place; returns where it ends, -1
 * where it is none. A whole number that a double holds, by a power of ten: the nearest double, as JSON.parse gives it.
 */
function readNumber(line: string, from: number, values: Value[], index: number): number {
  let value = 0;
  let power = 1;
  let point = -1;
  let at = from;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (isDigit(code)) {
      value = value * 10 + (code - zero);
      if (point >= 0) power *= 10;
    } else if (code === dot && point < 0) point = at;
    else break;
  }
  const whole = (point < 0 ? at : point) - from;
  const isJson = whole > 0 && point !== at - 1 && (whole === 1 || line.charCodeAt(from) !== zero);
  if (!isJson) return -1;
  const isExact = value <= Number.MAX_SAFE_INTEGER && power <= 1e22;
  values[index] = isExact ? value / power : Number(line.slice(from, at));
  return at;
}

const numberEnd = (line: string, from: number) => readNumber(line, from, unread, 0);
const unread: Value[] = [];

/** Of numbers alone. */
function listEnd(line: string, from: number): number {
  let at = from + 1;
  if (line[at] === ']') return at + 1;
  for (;;) {
    at = numberEnd(line, at);
    if (at < 0) return -1;
    if (line[at] === ']') return at + 1;
    if (line[at] !== ',') return -1;
    at += line[at + 1] === ' ' ? 2 : 1;
  }
}

const isDigit = (code: number) => code >= zero && code <= nine;

const quote = 34;
const dot = 46;
const zero = 48;
const nine = 57;
const space = 32;
const bracket = 91;
const backslash = 92;
