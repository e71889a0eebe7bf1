import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeOptions } from '../../../daemon/config/describe-options.ts';
import { readConfig } from '../../../daemon/config/read-config.ts';
import { readSection, type SectionSchema } from '../../../daemon/config/read-section.ts';
import { deviceSchema, mainSchema, mqttSchema, networkSchema } from '../../../daemon/config/schema.ts';
import { optionsModule } from '../../../openwrt-package/build/options-module.ts';
import { baseclass, pageModule } from './page-module.ts';

interface Options {
  option(section: string, name: string): unknown;
  fault(section: string, name: string, value: string | readonly string[]): string | undefined;
  problems(sections: unknown): { severity: string }[];
  isOn(value: string): boolean;
}

const options = pageModule<Options>('postern/options', { baseclass });
const schemas: Readonly<Record<string, SectionSchema>> = {
  main: mainSchema,
  mqtt: mqttSchema,
  network: networkSchema,
  device: deviceSchema,
};
const named = describeOptions().filter(({ section }) => section !== 'system');

test('the module is made of the daemon’s schema as it is now', async () => {
  const made = await optionsModule(process.cwd());
  const there = readFileSync(
    'openwrt-package/luci-app-postern/htdocs/luci-static/resources/postern/options.js',
    'utf8',
  );
  expect(there === made, 'run node build.mjs --docs').toBe(true);
});

test('it describes each option as the documentation does', () => {
  for (const one of named)
    expect(JSON.stringify(options.option(one.section, one.option))).toBe(JSON.stringify(one));
});

/** Values near the border between right and wrong: right ones, and what a slip of the finger makes of them. */
const right = [
  ...[
    '1',
    '0',
    'on',
    'disabled',
    'guard',
    'observe',
    'strict',
    'drop',
    'all',
    'safe',
    'iot',
    'mailserver',
    'tell',
  ],
  ...[
    '1',
    '512',
    '513',
    '05',
    '-1',
    '1e2',
    '/etc/postern',
    '/a b',
    'relative',
    'attic-router',
    'br-lan.20',
    'lan',
  ],
  ...[
    'mqtt://192.168.1.10',
    'mqtts://[::1]:8883',
    'mqtt://a:0',
    'ws://b',
    'mqtt://u:p@b',
    'broker.example.org',
  ],
  ...[
    'ec:71:db:00:11:22',
    'EC-71-DB-00-11-22',
    '01:00:5e:00:00:01',
    '00:00:00:00:00:00',
    '192.168.1.20',
    '::1',
  ],
  ...['smtp.example.org:587', '192.0.2.0/24:25', '0.0.0.0/0:25', '[2001:db8::1]:465', 'smtp.example.org:80'],
  ...[
    'isp.example',
    'homeassistant',
    'off',
    'a/b/c',
    'Front door camera',
    'a\u200eb',
    '<img src=x>',
    ' ',
    'é',
  ],
];
const value = fc.oneof(
  fc.constantFrom(...right),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc
    .tuple(fc.constantFrom(...right), fc.nat(), fc.string({ minLength: 0, maxLength: 2 }))
    .map(
      ([text, at, slip]) =>
        text.slice(0, at % (text.length + 1)) + slip + text.slice((at % (text.length + 1)) + 1),
    ),
);

test('page and daemon agree on every value of every option', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...named),
      fc.oneof(value, fc.array(value, { maxLength: 40 })),
      ({ section, option }, given) => {
        const schema = schemas[section] ?? mainSchema;
        const reading = readSection(schema, { path: '', values: { [option]: given } });
        const wrong = reading.problems.find(({ severity }) => severity === 'error');
        expect(options.fault(section, option, given)).toBe(wrong?.remedy);
      },
    ),
    { numRuns: 5000 },
  );
});

test('page and daemon agree on whole configurations', () => {
  const section = (type: string) =>
    fc
      .dictionary(
        fc.constantFrom(...named.filter((one) => one.section === type).map(({ option }) => option)),
        value,
        { maxKeys: 5 },
      )
      .map((values) => ({ ...values, '.type': type === 'main' ? 'postern' : type }));
  const config = fc.record(
    {
      main: section('main'),
      mqtt: section('mqtt'),
      a: section('device'),
      b: section('device'),
      lan: section('network'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(config, (values) => {
      const reading = readConfig({ values });
      const said = reading.ok ? reading.warnings : reading.problems;
      expect(JSON.stringify(options.problems(values))).toBe(JSON.stringify(said));
    }),
    { numRuns: 2000 },
  );
});

test('UCI’s words for yes', () => {
  for (const word of ['1', 'on', 'true', 'yes', 'enabled', 'YES']) expect(options.isOn(word)).toBe(true);
  for (const word of ['0', 'off', 'false', 'no', 'disabled', ''])
    expect(options.isOn(word)).toBe(word === '');
});
