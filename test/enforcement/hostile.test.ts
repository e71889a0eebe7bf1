import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { plan } from '../../daemon/enforcement/plan.ts';
import { batch } from '../../daemon/enforcement/render-json.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { networks, ruleset } from './rulesets.ts';

const marker = 'evil';
const evil = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('"', '}', '\n', ';', '*', '@', ' ', '/', '$', '#', '\u0000'),
  )
  .map(([text, sign]) => `${sign}${marker}${text}`);

/** Strings from outside in every place that takes one, whatever its type says. */
function hostile(text: string): DesiredRuleset {
  const key = text as DeviceKey;
  const held = [{ key, endMs: 60_000 }];
  const net = (name: string, interfaces: string[], role: 'guard' | 'upstream' | 'ignore') => ({
    name,
    role,
    interfaces,
    addresses: [text],
    prefixes: [],
  });
  return ruleset({
    networks: [
      ...networks(),
      net(text, ['lan5'], 'guard'),
      net('good', [text, 'lan6'], 'guard'),
      net('up', [text], 'upstream'),
      net('off', [text], 'ignore'),
    ],
    providers: [
      { name: text, prefixes: ['192.0.2.0/24'] },
      { name: 'ok', prefixes: [text, `192.0.2.0/${text}`, `${text}/24`] },
    ],
    blocked: held,
    quarantined: held,
    strict: held,
    released: held,
    known: [{ key, budget: 'default' }],
    exempt: [
      { key, interface: 'lan0' },
      { key: '020000000001' as DeviceKey, interface: text },
      { key: '020000000001' as DeviceKey, interface: 'lan0', address: text },
    ],
    relays: [
      { key, port: 25, to: { prefix: '192.0.2.1' } },
      { key: '020000000001' as DeviceKey, port: 25, to: { prefix: text } },
      { key: '020000000001' as DeviceKey, port: 25, to: { provider: text } },
      { key: '020000000001' as DeviceKey, port: text as unknown as 25, to: { prefix: '192.0.2.1' } },
    ],
    cuts: [
      { src: text, sport: 1, dst: '192.0.2.1', dport: 25, endMs: 60_000 },
      { src: '192.0.2.2', sport: text as unknown as number, dst: '192.0.2.1', dport: 25, endMs: 60_000 },
      { src: '192.0.2.2', sport: 1, dst: text, dport: text as unknown as 25, endMs: 60_000 },
    ],
  });
}

test('no string from outside reaches a ruleset', () => {
  const clean = staticScript(ruleset({ networks: [...networks()] }), 0);
  expect(clean).not.toContain(marker);
  fc.assert(
    fc.property(evil, (text) => {
      const { commands, omitted } = plan(undefined, hostile(text), 0);
      const json = batch(commands);
      const script = staticScript(hostile(text), 0);
      expect(json).not.toContain(marker);
      expect(script).not.toContain(marker);
      expect(script).toMatch(/^[\x20-\x7e\n]*$/);
      // Each is reported, and what is good next to it stays.
      expect(omitted.length).toBeGreaterThanOrEqual(14);
      expect(script).toContain('"lan6"');
    }),
  );
});

test('a name that is a wildcard, a set or too long is none of an interface', () => {
  for (const name of ['br*', '*', '@x', 'a b', '', 'a'.repeat(16), '.x', '-x', 'a"b']) {
    const [lan] = networks();
    if (!lan) throw new Error('no network');
    const script = staticScript(ruleset({ networks: [{ ...lan, interfaces: [name] }] }), 0);
    expect(script).not.toContain('iifname {');
  }
});
