import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeOptions } from '../../daemon/config/describe-options.ts';
import { formatProblem } from '../../daemon/config/problem.ts';
import { readConfig } from '../../daemon/config/read-config.ts';
import { parseRelayRule } from '../../daemon/config/relay-rule.ts';
import { routerDump } from './router.ts';

const known = describeOptions().map(({ option }) => option);
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('', '0', '1', 'guard', 'lan', '10.0.0.1', '02:00:00:00:00:01'),
);
const section = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string()), value);
const plain = fc.record(
  {
    main: fc.oneof(section, value),
    mqtt: fc.oneof(section, value),
    networks: fc.oneof(fc.array(fc.oneof(section, value)), value),
    devices: fc.oneof(fc.array(fc.oneof(section, value)), value),
    interfaces: fc.oneof(value, fc.record({ interface: fc.array(value) }), fc.constant(routerDump())),
    static_names: value,
    lease_files: value,
    hostname: value,
  },
  { requiredKeys: [] },
);
const types = fc.constantFrom('postern', 'mqtt', 'network', 'device', 'host', 'x');
const uciSection = fc.tuple(section, types, fc.boolean()).map(([options, type, anonymous]) => ({
  ...options,
  '.type': type,
  '.anonymous': anonymous,
}));
const file = fc.record({ values: fc.oneof(fc.dictionary(fc.string(), fc.oneof(uciSection, value)), value) });
const uci = fc.record({
  uci: fc.record({ postern: fc.oneof(file, value), dhcp: fc.oneof(file, value) }),
  interfaces: value,
});

test('whatever JSON it is: no exception, and every problem names an option and a remedy on one line', () => {
  fc.assert(
    fc.property(fc.oneof(plain, uci, file, fc.jsonValue()), (json) => {
      const reading = readConfig(json);
      const problems = reading.ok ? reading.warnings : reading.problems;
      if (!reading.ok) expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
      for (const problem of problems) {
        expect(problem.option).not.toBe('');
        expect(problem.message).not.toBe('');
        expect(problem.remedy).not.toBe('');
        expect(formatProblem(problem)).toMatch(/^[^\n]{1,500}$/);
      }
    }),
    { numRuns: 500 },
  );
});

test('nothing that reaches the ruleset has other characters than names and addresses need', () => {
  fc.assert(
    fc.property(fc.oneof(plain, uci), (json) => {
      const reading = readConfig(json);
      if (!reading.ok) return;
      for (const { name, interfaces, addresses } of reading.config.networks) {
        expect(name).toMatch(/^[A-Za-z0-9_]{1,15}$/);
        for (const item of interfaces) expect(item).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/);
        for (const item of addresses) expect(item).toMatch(/^[0-9a-f.:]+$/);
      }
      for (const { keys } of reading.config.devices)
        for (const key of keys) expect(key).toMatch(/^[0-9a-f.:]+$/);
    }),
    { numRuns: 500 },
  );
});

test('a relay is a host or a prefix, never both, on a mail port', () => {
  const target = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.string(),
  );
  fc.assert(
    fc.property(target, fc.constantFrom('25', '465', '587', '2525', '26', ''), (host, port) => {
      const rule = parseRelayRule(`${host}:${port}`);
      if (rule === undefined) return;
      expect((rule.host === undefined) !== (rule.prefix === undefined)).toBe(true);
      if (rule.host !== undefined) expect(rule.host).toMatch(/^[a-z0-9.-]{1,253}$/);
      expect([25, 465, 587, 2525]).toContain(rule.port);
    }),
  );
});
