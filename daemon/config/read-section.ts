import * as v from 'valibot';
import { type OptionFacts, remedyMark } from './option-types.ts';
import { closest, error, type Problem, warning } from './problem.ts';
import type { RawSection } from './raw.ts';

/** A schema of the options of one section. */
export type SectionSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** The checked options with their defaults, or undefined; and everything that is wrong with them. */
export interface SectionReading<T> {
  readonly values?: T;
  readonly problems: readonly Problem[];
}

/**
 * Checks one section. An empty text counts as not given, as in UCI, which cannot hold one, except where the empty
 * text is a value of the option. Options that the schema does not know are warnings.
 */
export function readSection<S extends SectionSchema>(
  schema: S,
  section: RawSection,
): SectionReading<v.InferOutput<S>> {
  const pathOf = (option: string) => (section.path === '' ? option : `${section.path}.${option}`);
  const known = Object.keys(schema.entries);
  const written = Object.entries(section.values).filter(([option, value]) => {
    const entry = Object.hasOwn(schema.entries, option) ? schema.entries[option] : undefined;
    return value !== null && (value !== '' || (entry !== undefined && v.is(entry, '')));
  });
  const unknown = written.flatMap(([option]) => {
    if (known.includes(option)) return [];
    const names = [...(section.beside ?? []), ...known];
    const meant = closest(option, names);
    const message = `an unknown option${meant ? ` (did you mean ${meant}?)` : ''}, not read`;
    return [warning(pathOf(printable(option)), message, `Known options are ${names.join(', ')}.`)];
  });
  const result = v.safeParse(
    schema,
    Object.fromEntries(written.filter(([option]) => known.includes(option))),
  );
  if (result.success) return { values: result.output, problems: unknown };
  const wrong = result.issues.map((issue) => {
    const option = String(issue.path?.[0]?.key ?? '');
    const [message = '', remedy] = issue.message.split(remedyMark);
    return error(pathOf(option), message, remedy ?? factsOf(schema.entries[option])?.remedy ?? 'Correct it.');
  });
  return { problems: [...wrong, ...unknown] };
}

/** What an option's schema says about it beside its form. */
export function factsOf(schema: v.ObjectEntries[string] | undefined): OptionFacts | undefined {
  const inner = schema && innerOf(schema);
  if (!inner) return undefined;
  const { type, remedy, defaultText, secret } = v.getMetadata(inner);
  if (typeof type !== 'string' || typeof remedy !== 'string') return undefined;
  return {
    type,
    remedy,
    ...(typeof defaultText === 'string' ? { defaultText } : {}),
    ...(secret === true ? { secret } : {}),
  };
}

type Wrapper = { readonly wrapped: v.GenericSchema };

function innerOf(schema: v.ObjectEntries[string]): v.GenericSchema {
  return 'wrapped' in schema ? (schema as unknown as Wrapper).wrapped : (schema as v.GenericSchema);
}

/** The name of an unknown option is anybody's text: it goes into messages and the log. */
function printable(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '?').slice(0, 32) || '?';
}
