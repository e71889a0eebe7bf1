import * as v from 'valibot';
import { optionHelp } from './option-help.ts';
import { factsOf, type SectionSchema } from './read-section.ts';
import { deviceSchema, mainSchema, mqttSchema, networkSchema, systemSchema } from './schema.ts';

/** One option as documentation shows it; all texts are for people and fit one line. */
export interface OptionDescription {
  /** `main`, `mqtt`, `network`, `device`; `system` is what the init script adds. */
  readonly section: string;
  readonly option: string;
  readonly type: string;
  /** UCI's spelling of the default, or how it comes about. */
  readonly default: string;
  /** Whether `default` is such an explanation rather than a value. */
  readonly explained: boolean;
  readonly help: string;
}

const sections: Readonly<Record<keyof typeof optionHelp, SectionSchema>> = {
  main: mainSchema,
  mqtt: mqttSchema,
  network: networkSchema,
  device: deviceSchema,
  system: systemSchema,
};

/** Every option there is, in the order of the schema. */
export function describeOptions(): OptionDescription[] {
  return Object.entries(sections).flatMap(([section, schema]) => {
    const help: Readonly<Record<string, string>> = optionHelp[section as keyof typeof optionHelp];
    return Object.entries(schema.entries).map(([option, entry]) => {
      const facts = factsOf(entry);
      return {
        section,
        option,
        type: facts?.type ?? '',
        default: facts?.defaultText ?? uciText(v.getDefault(entry)),
        explained: facts?.defaultText !== undefined,
        help: help[option] ?? '',
      };
    });
  });
}

function uciText(value: unknown): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value ?? '');
}
