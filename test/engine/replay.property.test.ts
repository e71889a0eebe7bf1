import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMac } from '../../daemon/address/mac.ts';
import { parsePrefix } from '../../daemon/address/prefix.ts';
import { mailPorts } from '../../daemon/conntrack/flow.ts';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import { plan } from '../../daemon/enforcement/plan.ts';
import { batch } from '../../daemon/enforcement/render-json.ts';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { desiredRuleset } from '../../daemon/engine/desired-ruleset.ts';
import type { Input } from '../../daemon/engine/input.ts';
import { decodeInput, encodeInput } from '../../daemon/engine/recording.ts';
import { newState } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { data, providerList } from '../detection/provider-data.ts';
import { config, laptop, mac, servers, tv, type World, world } from './world.ts';

const address = fc.constantFrom(
  tv.address,
  tv.address6,
  laptop.address,
  '10.8.0.40',
  '192.168.1.77',
  '2001:db8:1::77',
);
const port = fc.constantFrom(...mailPorts);
const flow = fc.record({
  kind: fc.constantFrom('new' as const, 'update' as const, 'destroy' as const),
  src: address,
  sport: fc.integer({ min: 40_000, max: 40_020 }),
  dst: fc.constantFrom(...servers),
  dport: port,
  tcpState: fc.constantFrom('SYN_SENT', 'ESTABLISHED', 'TIME_WAIT', 'CLOSE'),
  replied: fc.boolean(),
  assured: fc.boolean(),
  out: fc.record({ packets: fc.nat(500), bytes: fc.nat(100_000) }),
  back: fc.record({ packets: fc.nat(500), bytes: fc.nat(100_000) }),
});
const hostile = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom('"; flush ruleset; "', '<img src=x onerror=alert(1)>', '\u202egnp', 'a\nb'),
);
const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 8,
    arbitrary: flow.map((event) => ({
      type: 'flow' as const,
      flow: { ...event, family: event.src.includes(':') ? (6 as const) : (4 as const) },
    })),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'tick' as const }) },
  fc.record({
    type: fc.constant('upstream' as const),
    linked: fc.boolean(),
    arrivals: fc.constantFrom(0, 1, 2, 2, 2),
  }),
  fc.record({ type: fc.constant('gap' as const), reason: hostile }),
  hostile.map((hostname) => ({
    type: 'leases' as const,
    leases: [{ address: '192.168.1.77', mac: mac('30:05:5c:00:00:09'), hostname }],
  })),
  address.map((one) => ({
    type: 'neighbours' as const,
    neighbours: [{ address: one, mac: tv.mac, interface: 'br-lan', fresh: true }],
  })),
  fc.tuple(fc.constantFrom(...servers), hostile, fc.boolean()).map(([server, domain, joins]) => ({
    type: 'named' as const,
    addresses: [server],
    named: { domain, ...(joins && { group: { id: 'isp.example', mailboxes: false } }) },
  })),
  fc.tuple(fc.constantFrom(...servers), fc.nat(50)).map(([dst, attempts]) => ({
    type: 'sets' as const,
    reading: {
      ledger: [],
      attempts: [{ key: '44650d5e1002' as never, dst, port: 25 as const, attempts }],
      overruns: [],
      full: [],
    },
  })),
  fc
    .record({
      verb: fc.constantFrom(
        'block' as const,
        'release' as const,
        'allow' as const,
        'restrict' as const,
        'pause' as const,
      ),
      device: fc.oneof(hostile, fc.constant(tv.mac as string)),
      relay: fc.oneof(hostile, fc.constant('192.0.2.0/24:587')),
      for: fc.oneof(hostile, fc.constantFrom('10m', '365d', 'reboot')),
    })
    .map(({ verb, ...args }) => ({
      type: 'request' as const,
      request: { id: 1, do: verb, args },
      origin: 'socket' as const,
      replyTo: 1,
    })),
);

/** The words of a ruleset that knows nothing of the hostile inputs: whatever else is in one must be an address. */
const vocabulary = new Set(
  commandsOf(
    world({ devices: [] }),
    providerList.providers.map(({ name, blocks }) => ({ name, prefixes: blocks })),
  ),
);

function commandsOf(home: World, used?: DesiredRuleset['providers']): string[] {
  const made = desiredRuleset(home.state, { nowMs: home.nowMs, wallMs: 0 });
  const desired = used ? { ...made, providers: used } : made;
  return strings(JSON.parse(batch(plan(undefined, desired, home.nowMs).commands)));
}

/** Times of elements: nft refuses one above some centuries, and all that comes with it. */
function timesOf(home: World): number[] {
  const desired = desiredRuleset(home.state, { nowMs: home.nowMs, wallMs: 0 });
  return [...staticScript(desired, home.nowMs).matchAll(/ timeout (\d+)s/g)].map(([, seconds]) =>
    Number(seconds),
  );
}

const isOurs = (text: string) =>
  vocabulary.has(text) || parseMac(text) !== undefined || parsePrefix(text) !== undefined;

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

describe('the reducer', () => {
  test('a recording replayed gives the same state and the same effects', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(5000)), { maxLength: 60 }), (inputs) => {
        const home = world();
        for (const [one, ms] of inputs) {
          home.nowMs += ms;
          home.give(one);
        }
        const lines = home.inputs.map(({ at, ...rest }) => encodeInput(rest as Input, at));
        const [first] = home.inputs;
        const again = newState({
          config: config(),
          version: '0',
          ...data,
          at: first?.at ?? { nowMs: 0, wallMs: 0 },
        });
        for (const line of lines) {
          const stamped = decodeInput(line);
          if (!stamped) throw new Error(line);
          step(again, stamped, stamped.at);
        }
        expect(again.records).toEqual(home.state.records);
        expect(again.incidents).toEqual(home.state.incidents);
        expect(again.conditions).toEqual(home.state.conditions);
        expect(again.upstream).toEqual(home.state.upstream);
        expect(again.cuts).toEqual(home.state.cuts);
        expect(again.names).toEqual(home.state.names);
      }),
      { numRuns: 150 },
    );
  });

  test('no string from outside reaches a ruleset', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 50 }), hostile, (inputs, name) => {
        const home = world({
          devices: [
            {
              keys: ['44650d5e1002' as never],
              name,
              exempt: false,
              relays: [{ host: name, port: 25 }],
              action: 'auto',
            },
          ],
        });
        home.give({ type: 'resolved', host: name, addresses: ['192.0.2.9'] });
        for (const one of inputs) home.give(one);
        expect(commandsOf(home).filter((text) => !isOurs(text))).toEqual([]);
        const desired = desiredRuleset(home.state, { nowMs: home.nowMs, wallMs: 0 });
        expect(staticScript(desired, home.nowMs)).toMatch(/^[\x20-\x7e\n]*$/);
        expect(staticScript(desired, home.nowMs)).not.toContain('flush ruleset');
        expect(Math.max(0, ...timesOf(home))).toBeLessThanOrEqual(366 * 86_400);
      }),
      { numRuns: 100 },
    );
  });
});
