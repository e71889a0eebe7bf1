import { describeOptions, type OptionDescription } from '../../daemon/config/describe-options.ts';
import type { Problem } from '../../daemon/config/problem.ts';
import { readConfig } from '../../daemon/config/read-config.ts';
import { factsOf, readSection, type SectionSchema } from '../../daemon/config/read-section.ts';
import { deviceSchema, mainSchema, mqttSchema, networkSchema } from '../../daemon/config/schema.ts';

// What the settings page knows of the options: the daemon's own code, bundled for the browser, so that both say the same.

const schemas: Readonly<Record<string, SectionSchema>> = {
  main: mainSchema,
  mqtt: mqttSchema,
  network: networkSchema,
  device: deviceSchema,
};

/** What documentation says of an option (`mqtt`, `url`); undefined if there is none such. */
export function option(section: string, name: string): OptionDescription | undefined {
  return describeOptions().find((one) => one.section === section && one.option === name);
}

/** What to write instead of this value of an option, in one sentence; undefined where the daemon takes it. */
export function fault(section: string, name: string, value: string | readonly string[]): string | undefined {
  const schema = schemas[section];
  if (!schema) return undefined;
  const { problems } = readSection(schema, { path: '', values: { [name]: value } });
  return problems.find(({ severity }) => severity === 'error')?.remedy;
}

/** Everything that the daemon would say of the configuration: sections as UCI has them, by their names. */
export function problems(sections: Readonly<Record<string, unknown>>): readonly Problem[] {
  const reading = readConfig({ values: sections });
  return reading.ok ? reading.warnings : reading.problems;
}

/** Whether a flag's value in any of UCI's words means yes. */
export function isOn(value: string): boolean {
  return readSection(mainSchema, { path: '', values: { enabled: value } }).values?.enabled === true;
}

/** Every sentence of the schema that the page shows, for the template of the translations. */
export function sentences(): string[] {
  const shown = describeOptions().filter((one) => one.section !== 'system' && !found.includes(one.option));
  const remedies = Object.values(schemas).flatMap((schema) =>
    Object.entries(schema.entries).map(([name, entry]) =>
      found.includes(name) ? '' : (factsOf(entry)?.remedy ?? ''),
    ),
  );
  const defaults = shown.flatMap((one) =>
    one.explained && !unsaid.includes(one.default) ? [one.default] : [],
  );
  const together = wrongTogether.flatMap((sections) => problems(sections)).map(({ remedy }) => remedy);
  return [...new Set([...shown.map(({ help }) => help), ...defaults, ...remedies, ...together])].filter(
    Boolean,
  );
}

const mqtt = (values: object) => ({
  mqtt: { '.type': 'mqtt', enabled: '1', url: 'mqtt://broker', ...values },
});

/** Defaults that the page does not put into words. */
const unsaid = ['none', 'found'];

/** Options of a network that only plain JSON has. */
const found = ['interfaces', 'addresses', 'prefixes'];

/** What is wrong only of options together: an example of each. */
const wrongTogether: readonly Readonly<Record<string, unknown>>[] = [
  mqtt({ url: '' }),
  mqtt({ password: 'x', commands: 'all' }),
  mqtt({ cert_file: '/a' }),
  mqtt({ url: 'ftp://broker' }),
  mqtt({ url: 'mqtt://user:pass@broker' }),
  mqtt({ url: 'ws://broker' }),
  { device: { '.type': 'device' } },
  {
    one: { '.type': 'device', mac: 'ec:71:db:00:11:22' },
    two: { '.type': 'device', mac: 'ec:71:db:00:11:22' },
  },
  { lan: { '.type': 'network', interfaces: 'a' }, b: { '.type': 'network', name: 'lan', interfaces: 'b' } },
  { cfg012345: { '.type': 'network', '.anonymous': true } },
];
