import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp } from '../../daemon/address/ip.ts';
import { mailPorts } from '../../daemon/conntrack/flow.ts';
import { formats } from '../../daemon/replay/formats.ts';
import { createLogReader } from '../../daemon/replay/log-reader.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { fixture, fixtures, judgeFlows } from './judge-log.ts';

const bytes = fc.string({ unit: 'binary', maxLength: 200 });
const lines = fixtures.flatMap((name) => fixture(name).split('\n'));
/** A line of some log with a piece of it replaced, or two lines run together. */
const damaged = fc
  .tuple(fc.constantFrom(...lines), fc.nat(400), fc.nat(20), fc.oneof(bytes, fc.constantFrom(...lines)))
  .map(([line, at, length, by]) => line.slice(0, at) + by + line.slice(at + length));
const line = fc.oneof(bytes, fc.constantFrom(...lines), damaged);

function check(flow: ReplayFlow): void {
  expect(canonicalIp(flow.src)).toBe(flow.src);
  expect(canonicalIp(flow.dst)).toBe(flow.dst);
  expect(mailPorts).toContain(flow.dport);
  expect(flow.tsS).toBeGreaterThanOrEqual(0);
  expect(flow.tsS).toBeLessThan(1e15);
  expect(flow.durationS).toBeGreaterThanOrEqual(0);
  expect(flow.durationS).toBeLessThan(1e15);
  for (const counters of [flow.out, flow.back]) {
    if (!counters) continue;
    expect(counters.packets).toBeGreaterThanOrEqual(0);
    expect(counters.bytes).toBeGreaterThanOrEqual(0);
  }
}

describe.each(formats.map((format) => ({ format, title: format.title })))('$title', ({ format }) => {
  test('whatever the bytes: never throws, and gives flows that can be judged', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (given) => {
        format.recognises(given);
        for (const text of given) {
          const time = format.timeOf(text);
          if (time !== undefined) expect(time).toBeGreaterThanOrEqual(0);
        }
        const flows: ReplayFlow[] = [];
        const parser = format.open();
        const give = (flow: ReplayFlow) => void flows.push(flow);
        for (const text of given) expect(['mail', 'other', 'unreadable']).toContain(parser.line(text, give));
        parser.end(give);
        for (const flow of flows) check(flow);
        judgeFlows(flows, { enforce: true });
      }),
      { numRuns: 150 },
    );
  });

  test('however it is cut into chunks, the flows are the same and in order', () => {
    const text = fixture(fixtures[formats.indexOf(format)] ?? '');
    const whole = flowsOf([text]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(flowsOf(chunks)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
    expect(whole).toHaveLength(8);
    expect(whole).toEqual([...whole].sort((a, b) => a.tsS - b.tsS));
  });

  function flowsOf(chunks: readonly string[]): ReplayFlow[] {
    const reader = createLogReader(format);
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
    const flows: ReplayFlow[] = [];
    for (let flow = reader.next(); flow; flow = reader.next()) flows.push(flow);
    return flows;
  }
});
