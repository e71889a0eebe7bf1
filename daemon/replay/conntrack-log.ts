import { type FlowEvent, flowKey } from '../conntrack/flow.ts';
import { parseFlowLine } from '../conntrack/parse-line.ts';
import { type ConntrackEntry, entryOf, flowOfEntry, withEvent } from './conntrack-entry.ts';
import { portAfterEquals } from './conntrack-port.ts';
import type { LineKind, LogFormat, LogParser } from './log-format.ts';
import type { ReplayFlow } from './replay-flow.ts';

/**
 * `conntrack -E -o timestamp` (`id` and `extended` too, if there), as the daemon reads it. All events or NEW and DESTROY
 * alone; without `nf_conntrack_acct` there are no outcomes but silence and refusal.
 */
export const conntrackLog: LogFormat = {
  title: 'conntrack event log (conntrack -E -o timestamp)',
  recognises: (lines) =>
    lines.some((line) => timeAhead(line) !== undefined && / src=\S+ dst=\S+ /.test(line)),
  timeOf: timeAhead,
  open,
};

function timeAhead(line: string): number | undefined {
  const found = /^\s*\[(\d{1,12}\.\d{1,9})\s*\]/.exec(line);
  return found ? Number(found[1]) : undefined;
}

/** Entries whose DESTROY is awaited; when full, the oldest is given as it is. */
const mostEntries = 16_384;

function open(): LogParser {
  const entries = new Map<string, ConntrackEntry>();
  let lastS = 0;

  function take(event: FlowEvent, atS: number, give: (flow: ReplayFlow) => void): void {
    const key = flowKey(event);
    const known = entries.get(key);
    const isAnother =
      known &&
      (event.kind === 'new' || (known.id !== undefined && event.id !== undefined && known.id !== event.id));
    if (known && isAnother) give(flowOfEntry(known, known.lastS, true));
    const entry = withEvent(known && !isAnother ? known : entryOf(event, atS), event, atS);
    entries.delete(key);
    if (event.kind === 'destroy') give(flowOfEntry(entry, atS, false));
    else entries.set(key, entry);
    if (entries.size <= mostEntries) return;
    const [oldest] = entries;
    if (!oldest) return;
    entries.delete(oldest[0]);
    give(flowOfEntry(oldest[1], lastS, true));
  }

  return {
    line(text, give): LineKind {
      const port = portAfterEquals(text);
      if (port === undefined) return timeAhead(text) === undefined ? 'unreadable' : 'other';
      if (port === 'another') return 'other';
      const event = parseFlowLine(text);
      if (!event) return / tcp /.test(text) ? 'unreadable' : 'other';
      if (event.printedAtS === undefined) return 'unreadable';
      lastS = Math.max(lastS, event.printedAtS);
      take(event, event.printedAtS, give);
      return 'mail';
    },
    end(give) {
      for (const entry of entries.values()) give(flowOfEntry(entry, lastS, true));
      entries.clear();
    },
  };
}
