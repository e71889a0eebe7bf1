import { expect, test } from 'vitest';
import { markDelivered } from '../../daemon/detection/known.ts';
import { noteHandshake, observe, observeOutcome } from '../../daemon/detection/observe.ts';
import { dayMs, emptyProfile, hourMs, scoreAt } from '../../daemon/detection/profile.ts';
import { thresholdsOf } from '../../daemon/detection/thresholds.ts';
import { verdictOf } from '../../daemon/detection/verdict.ts';
import { type Contact, contactOf, play, scores } from './trace.ts';

const normal = thresholdsOf('normal');
const minute = 1 / 60;

test('a camera that starts spamming: restricted by its second server', () => {
  // iot. Three new groups: 3.624 each. Back at the first: three strange groups now, so A: 3.258.
  // Decay over minutes is below a thousandth.
  const { steps, cells } = play(
    [
      [0, 'M 198.51.100.1'],
      [minute, 'M 203.0.113.1'],
      [2 * minute, 'M 192.0.2.1'],
      [3 * minute, 'M 198.51.100.1'],
    ],
    'iot',
  );
  expect(cells).toEqual(['M,N', 'M,N', 'M,N', 'M,A']);
  expect(scores(steps)).toEqual([3.62, 7.25, 10.87, 14.13]);
});

test('half of the evidence is gone after 14 days', () => {
  // unknown. 3.401, then 14 days later 1.701 is left and a new group adds 3.401: 5.102.
  const { steps } = play(
    [
      [0, 'M 198.51.100.1'],
      [14 * 24, 'M 203.0.113.1'],
    ],
    'unknown',
  );
  expect(scores(steps)).toEqual([3.4, 5.1]);
  expect(steps[1]?.before).toBeCloseTo(1.701, 3);
});

test('a group not seen in 30 days is new again; within them a second visit is O', () => {
  const { cells } = play(
    [
      [0, 'S 198.51.100.1'],
      [29 * 24, 'S 198.51.100.1'],
      [29 * 24 + 30 * 24 + 1, 'S 198.51.100.1'],
    ],
    'unknown',
  );
  expect(cells).toEqual(['S,N', 'S,O', 'S,N']);
});

test('to roam is to be among three groups within a day, not within a month', () => {
  const { cells } = play(
    [
      [0, 'S 198.51.100.1'],
      [23, 'S 203.0.113.1'],
      [24, 'S 192.0.2.1'],
      [24.5, 'S 192.0.2.1'],
      [46, 'S 198.51.100.1'],
    ],
    'unknown',
  );
  expect(cells).toEqual(['S,N', 'S,N', 'S,N', 'S,O', 'S,A']);
});

test('submission to many addresses of one provider is one account, not roaming', () => {
  const { cells } = play(
    [
      [0, 'S 142.250.1.108'],
      [1, 'S 142.250.2.109'],
      [2, 'S 74.125.1.108'],
    ],
    'unknown',
  );
  expect(cells).toEqual(['S,N', 'S,O', 'S,O']);
});

test('a printer with a dead relay: 24 retries weigh nothing', () => {
  const trace = Array.from({ length: 25 }, (_, hour): Contact => [hour, 'M 198.51.100.25']);
  const { cells, steps } = play(trace, 'appliance');
  expect(cells).toEqual(['M,N', ...Array<string>(24).fill('M,O')]);
  expect(Math.max(...steps.map(({ after }) => after))).toBeLessThan(normal.restrict);
});

test("an ISP's relay at 12 addresses of one network never trips", () => {
  const trace = Array.from({ length: 12 }, (_, n): Contact => [n, `M 198.51.${n * 20}.7`]);
  const { cells, profile } = play(trace, 'appliance');
  expect(cells).toEqual(['M,N', ...Array<string>(11).fill('M,O')]);
  expect(verdictOf(profile, normal, 'unknown', 12 * hourMs).decision).toBe('none');
});

test("another address of a hoster's relay weighs nothing either", () => {
  const { cells } = play(
    [
      [0, 'M 212.227.15.1'],
      [1, 'M 212.227.17.2'],
      [2, 'M 213.165.67.3'],
    ],
    'appliance',
  );
  expect(cells).toEqual(['M,N', 'M,O', 'M,O']);
});

test('who roams on one kind of port does not roam on the other: a dead account is no stranger the third time', () => {
  const { cells } = play(
    [
      [0, 'M 203.0.113.9'],
      [minute, 'S 192.0.2.1'],
      [2 * minute, 'S 198.51.100.1'],
      [3 * minute, 'S 192.0.2.1'],
      [4 * minute, 'M 203.0.113.9'],
      [5 * minute, 'S 198.18.0.1'],
      [6 * minute, 'S 192.0.2.1'],
    ],
    'unknown',
  );
  expect(cells).toEqual(['M,N', 'S,N', 'S,N', 'S,O', 'M,O', 'S,N', 'S,A']);
});

test('a bot that mails the exchangers of one provider only is held', () => {
  const { cells, profile } = play(
    [
      [0, 'M 142.250.1.26'],
      [minute, 'M 142.250.1.26'],
      [2 * minute, 'M 74.125.1.27'],
      [3 * minute, 'M 2a00:1450:4010:c0f::1a'],
    ],
    'unknown',
  );
  expect(cells).toEqual(['M,N', 'M,O', 'M,A', 'M,A']);
  expect(verdictOf(profile, normal, 'unknown', hourMs).decision).toBe('restrict');
});

test('a bot that mails Outlook, Hotmail and Yahoo: two groups, so restrict holds it and block never comes', () => {
  const servers = ['40.92.1.1', '104.47.2.2', '67.195.204.3', '52.101.3.4', '67.195.228.5', '98.136.96.6'];
  const trace = servers.map((server, n): Contact => [n * minute, `M ${server}`]);
  const { profile, steps } = play(trace, 'unknown');
  noteHandshake(profile, 0);
  expect(steps.at(-1)?.after).toBeGreaterThan(normal.block);
  expect(verdictOf(profile, normal, 'unknown', hourMs)).toMatchObject({
    decision: 'restrict',
  });
});

test('a camera that mails its owner through Gmail is at 0 for ever', () => {
  const profile = emptyProfile(0);
  let worst = 0;
  for (let mail = 0; mail < 300; mail++) {
    const nowMs = mail * hourMs;
    const address = `142.250.${mail % 256}.108`;
    const step = observe(profile, contactOf(`S ${address}`), 'iot', nowMs);
    observeOutcome(profile, step, 'delivered', 'iot', nowMs + 1000);
    markDelivered(profile, 'google', 'S', 'iot', nowMs + 1000);
    worst = Math.max(worst, step.after);
  }
  // S,N once: 0.511; then K.
  expect(worst).toBeCloseTo(0.511, 3);
  expect(scoreAt(profile, 300 * hourMs)).toBe(0);
});

test('a phone with 12 accounts, six of them above the limit of known ones, is never restricted', () => {
  const profile = emptyProfile(0);
  let worst = 0;
  for (let mail = 0; mail < 12 * 30; mail++) {
    const nowMs = mail * 0.5 * hourMs;
    // Two accounts in a row from the second half now and then: the worst order that people make.
    const address = `198.${mail % 12}.100.1`;
    const step = observe(profile, contactOf(`S ${address}`), 'unknown', nowMs);
    const end = observeOutcome(profile, step, 'delivered', 'unknown', nowMs + 3000);
    markDelivered(profile, step.group, 'S', 'unknown', nowMs + 3000);
    worst = Math.max(worst, step.after, end.after);
  }
  expect(worst).toBeLessThan(normal.restrict);
});

test('what the owner allows is known at once, and leaves no trace in the memory', () => {
  const profile = emptyProfile(0);
  const step = observe(profile, { ...contactOf('M 198.51.100.1'), allowed: true }, 'iot', 0);
  expect(step).toMatchObject({ cell: 'M,K', after: 0 });
  expect(profile.groups.size).toBe(0);
});

test('the port classes are apart: a relay known for submission is new on port 25', () => {
  const profile = emptyProfile(0);
  observe(profile, contactOf('S 198.51.100.1'), 'unknown', 0);
  markDelivered(profile, '198.51.0.0/16', 'S', 'unknown', 0);
  expect(observe(profile, contactOf('S 198.51.100.1'), 'unknown', 1).relation).toBe('K');
  expect(observe(profile, contactOf('M 198.51.100.1'), 'unknown', 2).relation).toBe('N');
});

test('a clock that jumps back adds no weight and takes none away', () => {
  const profile = emptyProfile(10 * dayMs);
  observe(profile, contactOf('M 198.51.100.1'), 'unknown', 10 * dayMs);
  const step = observe(profile, contactOf('M 203.0.113.1'), 'unknown', 0);
  expect(step.before).toBeCloseTo(3.401, 3);
  expect(scoreAt(profile, 10 * dayMs)).toBeCloseTo(6.802, 3);
});

test('the memory is bounded, and keeps known relays longest', () => {
  const profile = emptyProfile(0);
  observe(profile, contactOf('S 198.51.100.1'), 'unknown', 0);
  markDelivered(profile, '198.51.0.0/16', 'S', 'unknown', 0);
  for (let n = 0; n < 500; n++) observe(profile, contactOf(`M 10.${n % 256}.0.1`), 'unknown', n + 1);
  for (let n = 0; n < 500; n++)
    observe(profile, contactOf(`M 142.250.${n % 250}.${n >> 1}`), 'unknown', 1000 + n);
  expect(profile.groups.size).toBe(64);
  expect(profile.groups.get('google')?.addresses.length).toBe(32);
  expect(observe(profile, contactOf('S 198.51.100.1'), 'unknown', 2000).relation).toBe('K');
});
