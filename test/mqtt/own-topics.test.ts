import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOwnTopics } from '../../daemon/mqtt/own-topics.ts';

test('what comes back is ours, though it says something else by now', () => {
  const should = new Map([['t', 'b']]);
  const own = createOwnTopics((topic) => should.get(topic));
  own.sent('t', 'a');
  own.sent('t', 'b');
  expect(own.received('t', 'a', false)).toBe('own');
  expect(own.received('t', 'b', false)).toBe('own');
  // Each copy comes back once.
  expect(own.received('t', 'a', false)).toBe('stranger');
});

test('what was lost on the way is not waited for', () => {
  const own = createOwnTopics(() => 'c');
  for (const text of ['a', 'b', 'c']) own.sent('t', text);
  expect(own.received('t', 'b', false)).toBe('own');
  expect(own.received('t', 'a', false)).toBe('stranger');
});

test('what lay there before is stale, what should not be there at all a stranger’s; a deletion is ours', () => {
  const own = createOwnTopics((topic) => (topic === 'known' ? 'now' : undefined));
  expect(own.received('known', 'old', true)).toBe('stale');
  expect(own.received('known', 'now', true)).toBe('own');
  expect(own.received('known', 'old', false)).toBe('stranger');
  expect(own.received('unknown', 'x', false)).toBe('stranger');
  expect(own.received('unknown', '', false)).toBe('own');
});

test('more than is kept comes back at once from a broker that stood still: ours; what comes after it is not', () => {
  const texts = Array.from({ length: 30 }, (_, index) => String(index));
  const own = createOwnTopics(() => texts.at(-1));
  for (const text of texts) own.sent('t', text);
  for (const text of texts) expect(own.received('t', text, false)).toBe('own');
  expect(own.received('t', 'x', false)).toBe('stranger');
});

test('a new connection waits for nothing of the one before', () => {
  const own = createOwnTopics(() => 'b');
  own.sent('t', 'a');
  own.connected();
  expect(own.received('t', 'a', false)).toBe('stranger');
});

test('never takes our own words for a stranger’s, whatever is lost, as long as they come in order', () => {
  const step = fc.record({ text: fc.constantFrom('a', 'b', 'c', 'd'), arrives: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let last: string | undefined;
      const own = createOwnTopics(() => last);
      for (const { text } of steps) {
        last = text;
        own.sent('t', text);
      }
      for (const { text, arrives } of steps) if (arrives) expect(own.received('t', text, false)).toBe('own');
    }),
  );
});
