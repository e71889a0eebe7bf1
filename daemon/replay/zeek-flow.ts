import type { Counters } from '../conntrack/flow.ts';
import type { Row } from './columns.ts';
import { countersOf, countOf, mailPortIn, secondsOf, sourcePortOf } from './numbers.ts';
import type { ReplayFlow } from './replay-flow.ts';
import type { Texts } from './texts.ts';
import { timeIn } from './utc-time.ts';

/** IP and TCP headers without options, where the log has no bytes with headers. */
const headerBytes = 40;

/**
 * A row of Zeek's conn.log as a flow; undefined unless it is one to a mail port.
 * Fields and connection states: docs.zeek.org, base/protocols/conn/main.zeek.
 */
export function zeekFlow(row: Row, texts: Texts): ReplayFlow | undefined {
  const tsS = timeIn(row('ts'));
  const src = texts.address(row('id.orig_h') ?? '');
  const dst = texts.address(row('id.resp_h') ?? '');
  const dport = mailPortIn(row('id.resp_p'));
  if (tsS === undefined || !src || !dst || !dport) return undefined;
  const out = sideOf(row, 'orig');
  const back = sideOf(row, 'resp');
  const mac = texts.mac(row('orig_l2_addr') ?? '');
  const state = row('conn_state') ?? '';
  return {
    tsS,
    src,
    mac,
    dst,
    sport: sourcePortOf(row('id.orig_p')),
    dport,
    state: stateOf(state, row),
    durationS: secondsOf(row('duration')) ?? 0,
    out,
    back,
    midway: state === 'OTH' ? true : undefined,
  };
}

function sideOf(row: Row, side: 'orig' | 'resp'): Counters | undefined {
  const packets = countOf(row(`${side}_pkts`));
  const payload = countOf(row(`${side}_bytes`));
  const bytes =
    countOf(row(`${side}_ip_bytes`)) ??
    (packets === undefined || payload === undefined ? undefined : payload + headerBytes * packets);
  return countersOf(packets, bytes);
}

function stateOf(state: string, row: Row): ReplayFlow['state'] {
  switch (state) {
    // No answer to the SYN, whatever the device sent after it.
    case 'S0':
    case 'SH':
    case 'RSTOS0':
      return 'timeout';
    case 'REJ':
    case 'RSTRH':
      return 'refused';
    default:
      return countOf(row('orig_bytes')) === 0 ? 'est_nodata' : 'established';
  }
}
