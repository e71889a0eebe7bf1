import type { Counters } from '../conntrack/flow.ts';
import type { ReplayFlow } from './replay-flow.ts';

/** A flow that a later record may add to while it waits for its turn. */
export type OpenFlow = { -readonly [Name in keyof ReplayFlow]: ReplayFlow[Name] };

/**
 * The flows given last, by tuple: collectors write a long flow as several records, and some each direction as one of
 * its own.
 */
export interface RecentFlows {
  /** The flow of that tuple that began within an hour before. */
  find(tuple: string, tsS: number): OpenFlow | undefined;
  note(tuple: string, flow: OpenFlow): void;
}

/** The most flows that are remembered; the oldest goes, and a record that would add to it counts as one midway. */
const mostRecent = 16_384;
const withinS = 3600;

/** Nothing given yet. */
export function createRecentFlows(): RecentFlows {
  const flows = new Map<string, OpenFlow>();
  return {
    find(tuple, tsS) {
      const flow = flows.get(tuple);
      return flow && tsS - flow.tsS <= withinS + flow.durationS ? flow : undefined;
    },
    note(tuple, flow) {
      flows.delete(tuple);
      flows.set(tuple, flow);
      if (flows.size <= mostRecent) return;
      const oldest = flows.keys().next().value;
      if (oldest !== undefined) flows.delete(oldest);
    },
  };
}

/** The counters of both; those that are there where one is missing. */
export function added(a: Counters | undefined, b: Counters | undefined): Counters | undefined {
  if (!a || !b) return a ?? b;
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
