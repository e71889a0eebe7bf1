import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceClasses } from '../../daemon/config/config.ts';
import { markDelivered } from '../../daemon/detection/known.ts';
import { observe, observeOutcome } from '../../daemon/detection/observe.ts';
import { emptyProfile, hourMs, type Profile, scoreAt } from '../../daemon/detection/profile.ts';
import { contactOf } from './trace.ts';

const address = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 3 }))
    .map(([net, host]) => `198.${net}.0.${host}`),
  fc.integer({ min: 0, max: 40 }).map((host) => `142.250.0.${host}`),
);
const contact = fc.record({
  portClass: fc.constantFrom('M', 'S'),
  address,
  pauseMs: fc.integer({ min: 0, max: 40 * 24 * hourMs }),
  outcome: fc.constantFrom('delivered', 'short', 'no service', undefined),
});
const trace = fc.array(contact, { maxLength: 60 });
type Trace = typeof trace extends fc.Arbitrary<infer T> ? T : never;

function play(
  contacts: Trace,
  deviceClass: (typeof deviceClasses)[number],
  profile: Profile = emptyProfile(0),
) {
  let nowMs = 0;
  for (const { portClass, address: to, pauseMs, outcome } of contacts) {
    nowMs += pauseMs;
    const step = observe(profile, contactOf(`${portClass} ${to}`), deviceClass, nowMs);
    if (outcome === undefined) continue;
    observeOutcome(profile, step, outcome, deviceClass, nowMs);
    if (outcome === 'delivered') markDelivered(profile, step.group, step.portClass, deviceClass, nowMs);
  }
  return { profile, nowMs };
}

test('the score is finite and never below 0, and the memory keeps its bounds', () => {
  fc.assert(
    fc.property(trace, fc.constantFrom(...deviceClasses), (contacts, deviceClass) => {
      const { profile, nowMs } = play(contacts, deviceClass);
      expect(Number.isFinite(profile.score)).toBe(true);
      expect(profile.score).toBeGreaterThanOrEqual(0);
      expect(scoreAt(profile, nowMs)).toBeLessThanOrEqual(profile.score);
      expect(profile.groups.size).toBeLessThanOrEqual(64);
    }),
  );
});

test('retries of two dead relays weigh nothing, in whatever order they come', () => {
  const retries = fc.array(fc.constantFrom('198.51.100.1', '203.0.113.1'), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(retries, fc.constantFrom('M', 'S'), (addresses, portClass) => {
      const profile = emptyProfile(0);
      for (const first of ['198.51.100.1', '203.0.113.1'])
        observe(profile, contactOf(`${portClass} ${first}`), 'unknown', 0);
      const before = profile.score;
      for (const retry of addresses) observe(profile, contactOf(`${portClass} ${retry}`), 'unknown', 0);
      expect(profile.score).toBe(before);
    }),
  );
});

test('mail through a known relay never raises the score, wherever it stands in a trace', () => {
  fc.assert(
    fc.property(
      trace,
      fc.nat(),
      fc.constantFrom('iot', 'unknown', 'computer'),
      (contacts, cut, deviceClass) => {
        const known = () => {
          const profile = emptyProfile(0);
          observe(profile, contactOf('S 192.0.2.1'), deviceClass, 0);
          markDelivered(profile, '192.0.0.0/16', 'S', deviceClass, 0);
          return profile;
        };
        const at = cut % (contacts.length + 1);
        const extra = { portClass: 'S', address: '192.0.2.1', pauseMs: 0, outcome: 'delivered' } as const;
        const plain = play(contacts, deviceClass, known());
        const more = play([...contacts.slice(0, at), extra, ...contacts.slice(at)], deviceClass, known());
        expect(more.profile.score).toBeLessThanOrEqual(plain.profile.score + 1e-9);
      },
    ),
  );
});

// A thing has least business with servers that are new to it. A computer takes up submission services more often than
// what is not known, and delivers by itself less often.
const hardestFirst = [
  ['S', ['iot', 'unknown', 'computer']],
  ['M', ['iot', 'computer', 'unknown']],
] as const;

test.each(hardestFirst)(
  'without known relays, contacts on %s are judged as the priors order the classes: %s',
  (portClass, classes) => {
    const scores = (contacts: Trace) => classes.map((one) => play(contacts, one).profile.score);
    fc.assert(
      fc.property(trace, (contacts) => {
        const silent = contacts.map((one) => ({ ...one, portClass, outcome: undefined }));
        const [hardest = 0, middle = 0, mildest = 0] = scores(silent);
        expect(hardest).toBeGreaterThanOrEqual(middle - 1e-9);
        expect(middle).toBeGreaterThanOrEqual(mildest - 1e-9);
        expect(play(silent, 'appliance').profile.score).toBe(play(silent, 'iot').profile.score);
      }),
    );
    // Three that are new, and one of them again: no two classes are the same.
    const spread = ['198.1.0.1', '198.2.0.1', '198.3.0.1', '198.1.0.1'];
    const [hardest = 0, middle = 0, mildest = 0] = scores(
      spread.map((address) => ({ portClass, address, pauseMs: 0, outcome: undefined })),
    );
    expect(hardest).toBeGreaterThan(middle + 0.1);
    expect(middle).toBeGreaterThan(mildest + 0.1);
  },
);

test('over both ports, whatever it does, a thing is judged at least as hard as any other class', () => {
  fc.assert(
    fc.property(trace, fc.constantFrom('unknown', 'computer'), (contacts, other) => {
      const silent = contacts.map((one) => ({ ...one, outcome: undefined }));
      const iot = play(silent, 'iot').profile.score;
      expect(iot).toBeGreaterThanOrEqual(play(silent, other).profile.score - 1e-9);
    }),
  );
});

// What speaks for a device at a submission service that it knows speaks most for a thing, which has one; on port 25, where a
// thing has none of its own, most for a computer.
test.each([
  ['S', ['iot', 'unknown', 'computer']],
  ['M', ['computer', 'unknown', 'iot']],
] as const)(
  'mail through a known relay on %s speaks for the classes in this order: %s',
  (portClass, classes) => {
    const fallOf = (deviceClass: (typeof classes)[number]) => {
      const profile = emptyProfile(0);
      observe(profile, contactOf(`${portClass} 192.0.2.1`), deviceClass, 0);
      // On port 25 a relay is known after seven quiet days.
      for (let day = 0; day <= 8; day++)
        markDelivered(profile, '192.0.0.0/16', portClass, deviceClass, day * 24 * hourMs);
      const nowMs = 8 * 24 * hourMs;
      profile.score = 20;
      profile.scoredAtMs = nowMs;
      observe(profile, contactOf(`${portClass} 192.0.2.1`), deviceClass, nowMs);
      return 20 - profile.score;
    };
    const [most = 0, middle = 0, least = 0] = classes.map(fallOf);
    expect(most).toBeGreaterThan(middle + 0.01);
    expect(middle).toBeGreaterThan(least + 0.01);
    expect(least).toBeGreaterThan(0.2);
  },
);

test('a mail server stays at 0 whatever it does', () => {
  fc.assert(
    fc.property(trace, (contacts) => {
      expect(play(contacts, 'mailserver').profile.score).toBe(0);
    }),
  );
});
