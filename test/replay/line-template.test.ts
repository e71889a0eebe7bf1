import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBy, templateOf, type Value } from '../../daemon/replay/line-template.ts';

/** What the template of one line reads in another; undefined where it cannot. */
function read(model: string, line: string): Record<string, Value> | undefined {
  const template = templateOf(model);
  const values: Value[] = [];
  if (!template || !readBy(template, line, values)) return undefined;
  return Object.fromEntries(template.names.map((name, index) => [name, values[index] ?? null]));
}

test('a line like the one before is read as JSON.parse reads it', () => {
  const model = '{"ts":1312974604.272243, "src": "10.0.0.1","raw":[6,0],"syns":null,"dur":8.9}';
  const line = '{"ts":1312974723, "src": "10.0.0.27","raw":[],"syns":2,"dur":0.05}';
  expect(read(model, line)).toEqual({ ts: 1_312_974_723, src: '10.0.0.27', raw: null, syns: 2, dur: 0.05 });
});

test.each([
  ['another order', '{"b":1,"a":2}'],
  ['a member more', '{"a":1,"b":2,"c":3}'],
  ['a member less', '{"a":1}'],
  ['other blanks', '{"a": 1,"b":2}'],
  ['a sign', '{"a":-1,"b":2}'],
  ['an exponent', '{"a":1e3,"b":2}'],
  ['a zero in front', '{"a":01,"b":2}'],
  ['a bare point', '{"a":1.,"b":2}'],
  ['an escape', '{"a":"\\u0041","b":2}'],
  ['a control character', '{"a":"\t","b":2}'],
  ['an object', '{"a":{},"b":2}'],
  ['a list of lists', '{"a":[[1]],"b":2}'],
  ['a gap in a list', '{"a":[1,,2],"b":2}'],
  ['something behind', '{"a":1,"b":2} '],
  ['no end', '{"a":1,"b":2'],
  ['nothing', ''],
])('%s is left to JSON.parse', (_, line) => {
  expect(read('{"a":1,"b":2}', line)).toBeUndefined();
});

test.each(['{"a":1,"a":2}', '{"a":{"b":1}}', '{"a":1e9}', '{}', '[1]', 'null', '{"a":"\\n"}'])(
  '%s makes no template',
  (line) => {
    expect(templateOf(line)).toBeUndefined();
  },
);

const value = fc.oneof(
  fc.nat(),
  fc.double({ min: 0, max: 1e15, noNaN: true }),
  fc.maxSafeNat().map((whole) => whole / 1e6),
  fc.string(),
  fc.constantFrom(null, true, false),
  fc.array(fc.nat(), { maxLength: 3 }),
  fc.double(),
);
const members = fc.uniqueArray(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 6 });
const seen = (any: unknown): Value => (typeof any === 'string' || typeof any === 'number' ? any : null);

test('property: what a template reads, JSON.parse reads the same, whatever the line', () => {
  let reads = 0;
  fc.assert(
    fc.property(
      members,
      fc.infiniteStream(value),
      fc.nat(200),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      (names, stream, at, char) => {
        const object = () => Object.fromEntries(names.map((name) => [name, stream.next().value]));
        const model = JSON.stringify(object());
        const line = JSON.stringify(object());
        for (const one of [line, line.slice(0, at), line.slice(0, at) + char + line.slice(at + 1)]) {
          const found = read(model, one);
          if (!found) continue;
          reads++;
          const parsed = JSON.parse(one) as Record<string, unknown>;
          expect(found).toEqual(
            Object.fromEntries(Object.entries(parsed).map(([name, any]) => [name, seen(any)])),
          );
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(reads).toBeGreaterThan(300);
});
