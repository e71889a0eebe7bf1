import type { Counters } from '../conntrack/flow.ts';
import { columnOf, headerOf, type Row, rowOf } from './columns.ts';
import { type LineKind, type LogFormat, type LogParser, nothingLeft } from './log-format.ts';
import { countOf, mailPortIn, secondsOf, sourcePortOf } from './numbers.ts';
import { added, createRecentFlows, type OpenFlow } from './recent-flows.ts';
import type { ReplayFlow } from './replay-flow.ts';
import { tcpStateOf } from './tcp-state.ts';
import { createTexts, type Texts } from './texts.ts';
import { timeIn } from './utc-time.ts';

/**
 * Argus as `ra -c ,` prints it, in the layout of the CTU-13 captures (`*.binetflow`): `StartTime, Dur, Proto, SrcAddr,
 * Sport, Dir, DstAddr, Dport, State, sTos, dTos, TotPkts, TotBytes, SrcBytes, Label`. The heading says which column is
 * where; `SrcPkts` is used where it is there.
 */
export const argusCsv: LogFormat = {
  title: 'Argus CSV (binetflow)',
  recognises: (lines) => lines.some(isHeading),
  timeOf: (line) => timeIn(columnOf(line, ',', 0)),
  open,
};

const isHeading = (line: string) => /^StartTime,/i.test(line) && /,Dport,/i.test(line);

function open(): LogParser {
  const texts = createTexts();
  const recent = createRecentFlows();
  let header = headerOf([]);
  let portAt = -1;
  return {
    line(text, give): LineKind {
      if (isHeading(text)) {
        header = headerOf(text.split(','));
        portAt = header.get('dport') ?? -1;
        return 'other';
      }
      const port = portAt < 0 ? undefined : columnOf(text, ',', portAt);
      if (port === undefined) return 'unreadable';
      if (mailPortIn(port) === undefined) return 'other';
      const row = rowOf(header, text.split(','));
      if (row('proto')?.toLowerCase() !== 'tcp') return 'other';
      const flow = flowOf(row, texts);
      if (!flow) return 'unreadable';
      const tuple = `${flow.src} ${flow.sport} ${flow.dst} ${flow.dport}`;
      const before = flow.midway && recent.find(tuple, flow.tsS);
      if (before) {
        continueWith(before, flow);
        return 'mail';
      }
      recent.note(tuple, flow);
      give(flow);
      return 'mail';
    },
    end: nothingLeft,
  };
}

function flowOf(row: Row, texts: Texts): OpenFlow | undefined {
  const tsS = timeIn(row('starttime'));
  const src = texts.address(row('srcaddr') ?? '');
  const dst = texts.address(row('dstaddr') ?? '');
  const dport = mailPortIn(row('dport'));
  const packets = countOf(row('totpkts'));
  const state = stateOf(row('state') ?? '', packets ?? 0);
  if (tsS === undefined || !src || !dst || !dport || !state) return undefined;
  const label = texts.word(row('label') ?? '');
  return {
    tsS,
    src,
    dst,
    sport: sourcePortOf(row('sport')),
    dport,
    durationS: secondsOf(row('dur')) ?? 0,
    ...state,
    ...countersIn(row, packets),
    ...(label && { label }),
  };
}

type Course = Pick<ReplayFlow, 'state' | 'midway'>;

/** The flags of both sides, `FSPA_FSPA`; or where Argus was told to print words, one of those. */
function stateOf(text: string, packets: number): Course | undefined {
  const sides = /^([A-Z]*)_([A-Z]*)$/.exec(text);
  if (sides) return tcpStateOf(sides[1] ?? '', sides[2] ?? '');
  switch (text) {
    case 'REQ':
      return { state: 'timeout' };
    case 'ACC':
      return { state: 'refused' };
    // Reset before there was room for a handshake and a greeting, or later.
    case 'RST':
      return { state: packets < 6 ? 'refused' : 'established' };
    case 'CON':
    case 'FIN':
    case 'CLO':
      return { state: 'established' };
    default:
      return undefined;
  }
}

/** Argus counts frames, with their Ethernet headers. */
const frameHeader = 14;
/** Payload of a full segment. */
const segment = 1448;

/**
 * The layout has the bytes of both sides and the packets of both together. Full segments are known from the bytes; of
 * what is left, half is taken to be each side's.
 */
function countersIn(row: Row, packets: number | undefined): { out?: Counters; back?: Counters } {
  const bytes = countOf(row('totbytes'));
  const outBytes = countOf(row('srcbytes'));
  if (packets === undefined || bytes === undefined || outBytes === undefined) return {};
  const backBytes = Math.max(0, bytes - outBytes);
  const outPackets = Math.min(packets, countOf(row('srcpkts')) ?? shareOf(packets, outBytes, backBytes));
  const backPackets = packets - outPackets;
  return {
    out: { packets: outPackets, bytes: Math.max(0, outBytes - frameHeader * outPackets) },
    back: { packets: backPackets, bytes: Math.max(0, backBytes - frameHeader * backPackets) },
  };
}

function shareOf(packets: number, outBytes: number, backBytes: number): number {
  if (backBytes === 0) return packets;
  const full = Math.floor(outBytes / segment);
  const fullBack = Math.floor(backBytes / segment);
  return full + Math.ceil(Math.max(0, packets - full - fullBack) / 2);
}

/** Argus reports a long flow again and again: each record has what came since the one before. */
function continueWith(flow: OpenFlow, more: OpenFlow): void {
  const out = added(flow.out, more.out);
  const back = added(flow.back, more.back);
  if (out) flow.out = out;
  if (back) flow.back = back;
  flow.durationS = Math.max(flow.durationS, more.tsS + more.durationS - flow.tsS);
}
