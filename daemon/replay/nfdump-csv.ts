import { columnOf, headerOf, type Row, rowOf } from './columns.ts';
import { type LineKind, type LogFormat, type LogParser, nothingLeft } from './log-format.ts';
import { countOf, mailPortIn, secondsOf, sourcePortOf } from './numbers.ts';
import { added, createRecentFlows, type OpenFlow } from './recent-flows.ts';
import { tcpStateOf } from './tcp-state.ts';
import { createTexts, type Texts } from './texts.ts';
import { timeIn } from './utc-time.ts';

/**
 * nfdump's `-o csv`: `ts, te, td, sa, da, sp, dp, pr, flg, …, ipkt, ibyt, opkt, obyt, …`. Each direction of a flow is a
 * record of its own (with `-b` one of both), and a long flow is several.
 */
export const nfdumpCsv: LogFormat = {
  title: 'nfdump CSV',
  recognises: (lines) => lines.some(isHeading),
  timeOf: (line) => timeIn(columnOf(line, ',', 0)),
  open,
};

const isHeading = (line: string) => line.startsWith('ts,te,td,sa,da,') && line.includes(',flg,');

function open(): LogParser {
  const texts = createTexts();
  const outwards = createRecentFlows();
  const answers = createRecentFlows();
  let header = headerOf([]);
  let ports = { source: -1, destination: -1 };

  function take(record: OpenFlow, flags: string, give: (flow: OpenFlow) => void): void {
    const tuple = `${record.src} ${record.sport} ${record.dst} ${record.dport}`;
    const before = outwards.find(tuple, record.tsS);
    if (before && !flags.includes('S')) {
      continueWith(before, record);
      return;
    }
    Object.assign(record, tcpStateOf(flags, ''));
    const answer = answers.find(tuple, record.tsS);
    if (answer?.back && Math.abs(answer.tsS - record.tsS) <= answerS) {
      record.back = answer.back;
      if (record.state === 'timeout') record.state = 'refused';
    }
    outwards.note(tuple, record);
    give(record);
  }

  /** A record of the server's side, whose `back` counts: it belongs to the flow that went before it, or comes next. */
  function takeAnswer(record: OpenFlow): void {
    const tuple = `${record.src} ${record.sport} ${record.dst} ${record.dport}`;
    const flow = outwards.find(tuple, record.tsS);
    if (!flow) {
      answers.note(tuple, record);
      return;
    }
    const back = added(flow.back, record.back);
    if (back) flow.back = back;
    if (flow.state === 'timeout') flow.state = 'refused';
  }

  return {
    line(text, give): LineKind {
      if (isHeading(text)) {
        header = headerOf(text.split(','));
        ports = { source: header.get('sp') ?? -1, destination: header.get('dp') ?? -1 };
        return 'other';
      }
      const destination = columnOf(text, ',', ports.destination);
      if (ports.destination < 0 || destination === undefined) return endOf(text);
      const isOut = mailPortIn(destination.trim()) !== undefined;
      const isAnswer = !isOut && mailPortIn(columnOf(text, ',', ports.source)?.trim()) !== undefined;
      if (!isOut && !isAnswer) return 'other';
      const row = rowOf(header, text.split(','));
      if (row('pr')?.toUpperCase() !== 'TCP') return 'other';
      const record = recordOf(row, texts, isOut);
      if (!record) return 'unreadable';
      if (isOut) take(record, (row('flg') ?? '').replace(/[^A-Z]/g, ''), give);
      else takeAnswer(record);
      return 'mail';
    },
    end: nothingLeft,
  };
}

/** An answer's record may be written before its question's, and its clock be a little behind. */
const answerS = 60;

/** A summary of three lines stands below the records. */
function endOf(text: string): LineKind {
  return text === 'Summary' || text.startsWith('flows,bytes') || /^\d+(?:,\d+){5}$/.test(text)
    ? 'other'
    : 'unreadable';
}

function recordOf(row: Row, texts: Texts, isOut: boolean): OpenFlow | undefined {
  const [from, to] = isOut ? (['s', 'd'] as const) : (['d', 's'] as const);
  const tsS = timeIn(row('ts'));
  const src = texts.address(row(`${from}a`) ?? '');
  const dst = texts.address(row(`${to}a`) ?? '');
  const dport = mailPortIn(row(`${to}p`));
  const sent = { packets: countOf(row('ipkt')) ?? 0, bytes: countOf(row('ibyt')) ?? 0 };
  const returned = { packets: countOf(row('opkt')) ?? 0, bytes: countOf(row('obyt')) ?? 0 };
  if (tsS === undefined || !src || !dst || !dport) return undefined;
  return {
    tsS,
    src,
    dst,
    sport: sourcePortOf(row(`${from}p`)),
    dport,
    state: 'timeout',
    durationS: secondsOf(row('td')) ?? 0,
    out: isOut ? sent : returned,
    back: isOut ? returned : sent,
  };
}

function continueWith(flow: OpenFlow, more: OpenFlow): void {
  const out = added(flow.out, more.out);
  const back = added(flow.back, more.back);
  if (out) flow.out = out;
  if (back) flow.back = back;
  flow.durationS = Math.max(flow.durationS, more.tsS + more.durationS - flow.tsS);
}
