import { expect, test } from 'vitest';
import { applyFlow, emptyFlowTable } from '../../daemon/conntrack/flow-table.ts';
import type { TrackedFlow } from '../../daemon/conntrack/tracked-flow.ts';
import { trafficOf } from '../../daemon/conntrack/traffic.ts';
import { messagesOf, outcomeOf } from '../../daemon/detection/outcome.ts';
import { eventsOf, logs, stepsOf } from './samples.ts';

/** Each step of a recording with the mail flows that it opened and that ended within it. */
function flowsByStep(name: string) {
  const table = emptyFlowTable();
  table.listed = true;
  const ended: { readonly flow: TrackedFlow; readonly openedS: number }[] = [];
  const openedS = new Map<string, number>();
  for (const event of eventsOf(name)) {
    for (const { type, flow } of applyFlow(table, event, (event.printedAtS ?? 0) * 1_000)) {
      if (type === 'opened') openedS.set(flow.key, event.kind === 'new' ? (event.printedAtS ?? 0) : 0);
      if (type === 'closed') ended.push({ flow, openedS: openedS.get(flow.key) ?? 0 });
    }
  }
  const steps = stepsOf(name);
  return steps.map((step, index) => {
    const untilS = steps[index + 1]?.fromS ?? Number.POSITIVE_INFINITY;
    const flows = ended.filter((one) => one.openedS >= step.fromS && one.openedS < untilS);
    return { step, flows: flows.map(({ flow }) => flow) };
  });
}

/** What the recording's own words say; undefined where swaks and msmtp were used, which left none. */
function truth(result: string): number | undefined {
  const sent = /^sent (\d+)$/.exec(result)?.[1];
  if (sent !== undefined) return Number(sent);
  return result.startsWith('ERR') ? 0 : undefined;
}

const judged = logs.flatMap((name) =>
  flowsByStep(name).flatMap(({ step, flows }) =>
    flows.flatMap((flow) => {
      const traffic = trafficOf(flow);
      const messages = truth(step.result);
      return traffic && messages !== undefined ? [{ name: `${name} ${step.name}`, traffic, messages }] : [];
    }),
  ),
);

test('enough sessions with a known end are in the recordings', () => {
  expect(judged.length).toBeGreaterThan(30);
});

test.each(judged)('$name: $messages messages', ({ traffic, messages }) => {
  const outcome = outcomeOf(traffic);
  expect(outcome === 'delivered').toBe(messages > 0);
  if (!traffic.established) expect(outcome).toBe('no service');
  const estimate = messagesOf(traffic);
  if (messages <= 1) expect(estimate).toBe(messages);
  // A sender that never sends a bare acknowledgement needs five packets a message, not 7.5: two thirds at worst
  // are to be expected, and what shares packets with the body is missed as well.
  else expect(estimate / messages).toBeGreaterThanOrEqual(0.45);
  expect(estimate).toBeLessThanOrEqual(messages);
});

test('the same session counts the same over IPv6 and IPv4', () => {
  // deliver_300B of the IPv6 recording, and its twin over IPv4 in the listing beside it.
  const six = { packets: 11, bytes: 1517 };
  const four = { packets: 11, bytes: 1297 };
  const traffic = (family: 4 | 6, out: typeof six) =>
    trafficOf({ family, established: true, out, back: out });
  expect(traffic(6, six)).toEqual(traffic(4, four));
});

test('without counters there is nothing to judge', () => {
  expect(trafficOf({ family: 4, established: true, out: undefined, back: undefined })).toBeUndefined();
});
