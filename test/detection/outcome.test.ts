import { expect, test } from 'vitest';
import { messagesOf, outcomeOf, type Traffic } from '../../daemon/detection/outcome.ts';

const traffic = (packets: number, bytes: number, back: number, established = true): Traffic => ({
  out: { packets, bytes },
  back: { packets: packets - 1, bytes: back },
  established,
});

// Counters of the DESTROY lines of fixtures/conntrack-1.4.7, whose sessions are known step by step.
test.each([
  ['refused', traffic(1, 60, 40, false), 'no service', 0],
  ['greeting refused with 554', traffic(4, 216, 325), 'short', 0],
  ['greylisted in plain', traffic(9, 549, 663), 'short', 0],
  ['greylisted after STARTTLS', traffic(13, 1449, 3039), 'short', 0],
  ['recipient unknown', traffic(9, 549, 689), 'short', 0],
  ['QUIT after EHLO', traffic(6, 335, 534), 'short', 0],
  ['login refused on 587', traffic(11, 1164, 2940), 'short', 0],
  ['300 bytes in plain', traffic(13, 1374, 784), 'delivered', 1],
  ['3,000 bytes in plain', traffic(13, 4168, 836), 'delivered', 1],
  ['30,000 bytes in plain', traffic(16, 32278, 940), 'delivered', 1],
  ['300 bytes after STARTTLS', traffic(15, 2069, 3286), 'delivered', 1],
  ['300 bytes on 587', traffic(15, 2110, 3391), 'delivered', 1],
  ['300 bytes on 465', traffic(16, 2134, 3094), 'delivered', 1],
  // Ten true: bodies that fill their packets badly hide some of the dialogue. The right order of size is what counts.
  ['ten of 300 bytes in one session', traffic(77, 10753, 4219), 'delivered', 8],
  ['ten of 3,000 bytes in one session', traffic(76, 38638, 4467), 'delivered', 5],
] as const)('%s', (_, counters, outcome, messages) => {
  expect(outcomeOf(counters)).toBe(outcome);
  expect(messagesOf(counters)).toBe(messages);
});

test('a session of thousands is seen while it runs', () => {
  expect(messagesOf(traffic(7.5 * 5000 + 8, 0.9e6, 1500))).toBeGreaterThan(4500);
});

test('one large attachment is one message', () => {
  expect(messagesOf(traffic(14_500, 20_900_000, 90_000))).toBeLessThan(20);
});
