import * as v from 'valibot';
import { closest, shown } from './problem.ts';

/** What the documentation and the messages say about an option beside its schema. */
export interface OptionFacts {
  readonly [fact: string]: unknown;
  /** For people: `0 or 1`, `one of guard, observe`. */
  readonly type: string;
  readonly remedy: string;
  /** Where the default is not the same for everybody: how it comes about. */
  readonly defaultText?: string;
  /** The value must not be shown. */
  readonly secret?: boolean;
}

/** Between message and remedy, where a remedy belongs to the cause rather than to the option. */
export const remedyMark = '\n';

const flagWords = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ...['1', 'on', 'true', 'yes', 'enabled'].map((word) => [word, true] as const),
  ...['0', 'off', 'false', 'no', 'disabled'].map((word) => [word, false] as const),
]);

const flagFacts = { type: '0 or 1', remedy: 'Write 1 or 0.' };

/** A schema that turns its input into what `parse` makes of it; undefined from `parse` is a problem with the text of `message`. */
export function parsed<T>(parse: (input: unknown) => T | undefined, message: (input: unknown) => string) {
  return v.pipe(v.unknown(), parsing(parse, message));
}

function parsing<I, T>(parse: (input: I) => T | undefined, message: (input: I) => string) {
  return v.rawTransform<I, T>(({ dataset, addIssue, NEVER }) => {
    const value = parse(dataset.value);
    if (value !== undefined) return value;
    addIssue({ message: message(dataset.value) });
    return NEVER;
  });
}

/** As {@link parsed}, for options that are text. */
export function parsedText<T>(parse: (input: string) => T | undefined, message: (input: unknown) => string) {
  return parsed((input) => (typeof input === 'string' ? parse(input) : undefined), message);
}

/** Yes or no in any of UCI's words, or a JSON boolean. */
export function flag(fallback: boolean) {
  return v.optional(v.pipe(flagSchema(), v.metadata(flagFacts)), fallback);
}

/** As {@link flag}, with a default that depends on other options. */
export function optionalFlag(defaultText: string) {
  return v.exactOptional(v.pipe(flagSchema(), v.metadata({ ...flagFacts, defaultText })));
}

function flagSchema() {
  return parsed(
    (input) => flagWords.get(typeof input === 'string' ? input.toLowerCase() : input),
    (input) => `${shown(input)} is neither 0 nor 1`,
  );
}

/** One word of a closed list. */
export function choice<const W extends string>(words: readonly W[], fallback: W) {
  return v.optional(choiceSchema(words, {}), fallback);
}

/** As {@link choice}, without a fixed default. */
export function optionalChoice<const W extends string>(words: readonly W[], defaultText: string) {
  return v.exactOptional(choiceSchema(words, { defaultText }));
}

function choiceSchema<const W extends string>(words: readonly W[], facts: { defaultText?: string }) {
  const list = words.join(', ');
  const message = (input: unknown) => {
    const meant = typeof input === 'string' ? closest(input, words) : undefined;
    return `${shown(input)} is not one of ${list}${meant ? ` (did you mean ${meant}?)` : ''}`;
  };
  const find = (input: unknown) => words.find((word) => word === input);
  const remedy = `Choose one of ${list}.`;
  return v.pipe(parsed(find, message), v.metadata({ type: `one of ${list}`, remedy, ...facts }));
}

/** A whole number from `least` to `most`, as JSON number or decimal text. */
export function integer(least: number, most: number, fallback: number) {
  const range = `a whole number from ${least} to ${most}`;
  const parse = (input: unknown) => {
    const value = typeof input === 'string' && /^\d{1,9}$/.test(input) ? Number(input) : input;
    return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? Number(value)
      : undefined;
  };
  return v.optional(
    v.pipe(
      parsed(parse, (input) => `${shown(input)} is not ${range}`),
      v.metadata({ type: range, remedy: `Write ${range}.` }),
    ),
    fallback,
  );
}

/** Text of a form: what it must match, what to call it, and an example for the remedy. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly type: string;
  readonly example: string;
}

/** Text of a certain form with a default. */
export function text(form: TextForm, fallback: string) {
  return v.optional(textSchema(form, {}), fallback);
}

/** As {@link text}, without a fixed default. */
export function optionalText(form: TextForm, defaultText = '') {
  return v.exactOptional(textSchema(form, { defaultText }));
}

function textSchema({ pattern, type, example }: TextForm, facts: { defaultText?: string }) {
  return v.pipe(
    parsedText(
      (input) => (pattern.test(input) ? input : undefined),
      (input) => `${shown(input)} is not ${type}`,
    ),
    v.metadata({ type, remedy: `Write ${type}, such as ${example}.`, ...facts }),
  );
}

/** Text that no message ever shows. */
export function secret() {
  const type = 'text of 1 to 256 characters without control characters';
  return v.exactOptional(
    v.pipe(
      parsedText(
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
        (input) => (/^[^\x00-\x1f\x7f]{1,256}$/.test(input) ? input : undefined),
        () => `the value (not shown) is not ${type}`,
      ),
      v.metadata({ type, remedy: `Write ${type}.`, secret: true, defaultText: '' }),
    ),
  );
}

/** What an item of a list is, and how it is read. */
export interface ItemForm<T> {
  readonly parse: (word: string) => T | undefined;
  readonly type: string;
  readonly example: string;
  readonly most: number;
}

/** A UCI list, a JSON list, or one text with spaces between the items; one problem for each bad item. */
export function list<T>({ parse, type, example, most }: ItemForm<T>, defaultText = 'none') {
  return v.exactOptional(
    v.pipe(
      parsed(words, (input) => `${shown(input)} is not a list of text`),
      v.array(
        v.pipe(
          v.string(),
          parsing(parse, (input) => `${shown(input)} is not ${type}`),
        ),
      ),
      v.maxLength(most, ({ input }) => `has ${input.length} items, more than ${most}`),
      v.metadata({ type: `list; each ${type}`, remedy: `Write ${type}, such as ${example}.`, defaultText }),
    ),
  );
}

/** The items of a list option in any of its forms; undefined if it is none. */
function words(input: unknown): string[] | undefined {
  const texts = Array.isArray(input) ? input : [input];
  if (!texts.every((item) => typeof item === 'string')) return undefined;
  return texts.flatMap((item) => item.split(/\s+/)).filter((word) => word !== '');
}
