import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailPorts } from '../../daemon/conntrack/flow.ts';
import { longestLine, noRest, splitMailLines } from '../../daemon/conntrack/split-mail-lines.ts';
import { fixture, logs } from './samples.ts';

function split(chunks: readonly string[]) {
  let rest = noRest;
  let overlong = 0;
  const lines: string[] = [];
  for (const chunk of chunks) {
    const cut = splitMailLines(rest, chunk);
    rest = cut.rest;
    overlong += cut.overlong;
    lines.push(...cut.lines);
    expect(rest.tail.length).toBeLessThanOrEqual(longestLine);
  }
  return { lines, rest, overlong };
}

/** The text cut at these places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

const mark = new RegExp(` dport=(${mailPorts.join('|')}) `);
const whole = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .filter((line) => mark.test(line) && line.length <= longestLine);

const line = fc.oneof(
  fc
    .constantFrom(...mailPorts, 250, 4650, 443, 5)
    .map((port) => `[NEW] tcp src=1.2.3.4 sport=9 dport=${port} id=1`),
  fc.constantFrom('', ' dport=25 ', ' dport=587  dport=25 ', ' dport=25', 'dport=25 ', ' dport=2525 '),
  fc
    .integer({ min: longestLine - 20, max: longestLine + 20 })
    .map((length) => ' dport=25 '.padEnd(length, 'x')),
  fc.integer({ min: 1, max: 2_000 }).map((length) => ' dport=25 '.padStart(length, 'x')),
  fc.integer({ min: 1, max: 4_000 }).map((length) => ' dport=26 '.padEnd(length, 'x')),
  fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll('\n', '')),
);
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.map((one) => `${one}\n`).join(''));

test('property: any chunking gives the lines of the whole', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 60 }), (stream, places) => {
      const result = split(cutAt(stream, places));
      expect(result.lines).toEqual(whole(stream));
      expect(result.rest).toEqual(noRest);
    }),
    { numRuns: 1_000 },
  );
});

test.each(logs)('byte by byte, %s loses no line', (name) => {
  const stream = fixture(`${name}.log`);
  expect(split([...stream]).lines).toEqual(whole(stream));
  expect(whole(stream).length).toBeGreaterThan(50);
});

test('an overlong line is dropped and counted once, and the next one is kept', () => {
  const stream = `${' dport=25 '.padEnd(5_000, 'x')}\n dport=25 ok\n`;
  for (const size of [1, 7, 1_000, 1_024, 1_025, 6_000]) {
    const chunks = cutAt(
      stream,
      Array.from({ length: Math.floor(stream.length / size) }, (_, index) => index * size),
    );
    expect(split(chunks)).toMatchObject({ lines: [' dport=25 ok'], overlong: 1 });
  }
});

test('a stream without line ends needs no memory', () => {
  const { lines, rest, overlong } = split(Array.from({ length: 100 }, () => ' dport=25 '.repeat(100)));
  expect({ lines, rest, overlong }).toEqual({ lines: [], rest: { tail: '', skipping: true }, overlong: 1 });
});
