import fc from 'fast-check';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { keyOf, networks, ruleset } from './rulesets.ts';

const devices = ['02:00:00:00:00:01', '02:00:00:00:00:02', '10.0.0.3', 'fd00::4'].map(keyOf);
const prefixes = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '192.0.2.7', '10.2.0.0/16'];

const held = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...devices),
    endMs: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  }),
  { selector: ({ key }) => key, maxLength: 3 },
);
const relay = fc.record({
  key: fc.constantFrom(...devices.slice(0, 3)),
  port: fc.constantFrom(25 as const, 587 as const),
  prefix: fc.constantFrom(...prefixes),
  endMs: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
});
/** One change of a household's ruleset, and how long after the one before it. */
export const step = fc.record({
  afterMs: fc.constantFrom(0, 300, 1000, 1900, 2100, 5000, 60_000),
  network: fc.boolean(),
  holding: fc.boolean(),
  blocked: held,
  slowed: held,
  relays: fc.array(relay, { maxLength: 4 }),
  known: fc.subarray(devices),
  isForgotten: fc.constantFrom(false, false, false, true),
});
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The ruleset after the change; ends are up to 20 s after `nowMs`. */
export function desiredAt(change: Step, nowMs: number): DesiredRuleset {
  const end = (endS: number | undefined) => (endS === undefined ? {} : { endMs: nowMs + endS * 500 });
  return ruleset({
    networks: change.network ? networks('iot') : networks().slice(0, 1),
    holding: change.holding,
    blocked: change.blocked.map(({ key, endMs }) => ({ key, ...end(endMs) })),
    slowed: change.slowed.map(({ key, endMs }) => ({ key, ...end(endMs) })),
    relays: change.relays.map(({ key, port, prefix, endMs }) => ({
      key,
      port,
      to: { prefix },
      ...end(endMs),
    })),
    known: change.known.map((key) => ({ key, budget: 'default' })),
  });
}
