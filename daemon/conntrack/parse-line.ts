import { canonicalText } from './canonical-text.ts';
import { type Counters, type FlowEvent, type MailPort, mailPorts } from './flow.ts';

const kinds = new Map<string, FlowEvent['kind']>([
  ['[NEW]', 'new'],
  ['[UPDATE]', 'update'],
  ['[DESTROY]', 'destroy'],
]);

/** The state words of the kernel's TCP tracking, as conntrack's `-L` and `-E` print them. */
const tcpStates = new Map(
  [
    'NONE',
    'SYN_SENT',
    'SYN_RECV',
    'ESTABLISHED',
    'FIN_WAIT',
    'CLOSE_WAIT',
    'LAST_ACK',
    'TIME_WAIT',
    'CLOSE',
    'SYN_SENT2',
  ].map((word) => [word, word]),
);

/** What one direction of a line holds. */
interface Half {
  src: string;
  dst: string | undefined;
  sport: number | undefined;
  dport: number | undefined;
  packets: number | undefined;
  bytes: number | undefined;
}

/** What the words of a line gave so far. */
interface Draft {
  kind: FlowEvent['kind'];
  isTcp: boolean;
  printedAtS: number | undefined;
  tcpState: string | undefined;
  replied: boolean;
  assured: boolean;
  offload: FlowEvent['offload'] | undefined;
  id: number | undefined;
  readonly halves: Half[];
}

/** Longer lines are no lines of conntrack: its longest is some 400 characters. */
const longest = 1024;

/**
 * Reads one line of `conntrack -E -o timestamp,id,extended` or one row of `conntrack -L -o id,extended` (1.4.7 and
 * 1.4.8); undefined unless it is a TCP flow to a mail port. Unknown words are passed over, fields may be missing.
 * Never throws, whatever the bytes.
 */
export function parseFlowLine(line: string): FlowEvent | undefined {
  if (line.length > longest) return undefined;
  const draft: Draft = {
    kind: 'row',
    isTcp: false,
    printedAtS: undefined,
    tcpState: undefined,
    replied: true,
    assured: false,
    offload: undefined,
    id: undefined,
    halves: [],
  };
  for (const word of line.split(/[\t\r ]+/)) readWord(draft, word);
  return draft.isTcp ? finish(draft) : undefined;
}

function readWord(draft: Draft, word: string): void {
  const equals = word.indexOf('=');
  if (equals > 0) readField(draft, word.slice(0, equals), word.slice(equals + 1));
  else if (word.charCodeAt(0) === 91) readFlag(draft, word);
  else if (draft.halves.length > 0) return;
  else if (word === 'tcp') draft.isTcp = true;
  else draft.tcpState ??= tcpStates.get(word);
}

function readFlag(draft: Draft, word: string): void {
  const kind = kinds.get(word);
  if (kind) draft.kind = kind;
  else if (word === '[UNREPLIED]') draft.replied = false;
  else if (word === '[ASSURED]') draft.assured = true;
  else if (word === '[OFFLOAD]') draft.offload = 'software';
  else if (word === '[HW_OFFLOAD]') draft.offload = 'hardware';
  else if (/^\[\d{1,12}\.\d{1,9}\]$/.test(word)) draft.printedAtS ??= Number(word.slice(1, -1));
}

function readField(draft: Draft, name: string, value: string): void {
  if (name === 'src') {
    const empty = {
      dst: undefined,
      sport: undefined,
      dport: undefined,
      packets: undefined,
      bytes: undefined,
    };
    if (draft.halves.length < 3) draft.halves.push({ src: value, ...empty });
    return;
  }
  if (name === 'id') draft.id ??= countOf(value);
  const half = draft.halves.at(-1);
  if (!half) return;
  if (name === 'dst') half.dst ??= value;
  else if (name === 'sport') half.sport ??= portOf(value);
  else if (name === 'dport') half.dport ??= portOf(value);
  else if (name === 'packets') half.packets ??= countOf(value);
  else if (name === 'bytes') half.bytes ??= countOf(value);
}

function finish(draft: Draft): FlowEvent | undefined {
  const [original, reply] = draft.halves;
  if (!original?.dst || original.sport === undefined || draft.halves.length > 2) return undefined;
  const dport = mailPortOf(original.dport);
  const src = canonicalText(original.src);
  const dst = canonicalText(original.dst);
  if (!dport || !src || !dst) return undefined;
  const family = src.includes(':') ? 6 : 4;
  if (dst.includes(':') !== (family === 6)) return undefined;
  const replySrc = reply && (reply.src === original.dst ? dst : canonicalText(reply.src));
  const out = countersOf(original);
  const back = countersOf(reply);
  return {
    kind: draft.kind,
    family,
    src,
    sport: original.sport,
    dst,
    dport,
    replied: draft.replied,
    assured: draft.assured,
    ...(replySrc && { replySrc }),
    ...(draft.id !== undefined && { id: draft.id }),
    ...(draft.printedAtS !== undefined && { printedAtS: draft.printedAtS }),
    ...(draft.tcpState && { tcpState: draft.tcpState }),
    ...(draft.offload && { offload: draft.offload }),
    ...(out && { out }),
    ...(back && { back }),
  };
}

function countersOf(half: Half | undefined): Counters | undefined {
  if (half?.packets === undefined || half.bytes === undefined) return undefined;
  return { packets: half.packets, bytes: half.bytes };
}

function mailPortOf(port: number | undefined): MailPort | undefined {
  return mailPorts.find((mailPort) => mailPort === port);
}

/** A decimal number that a double holds exactly. */
function countOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  return port !== undefined && port <= 65535 ? port : undefined;
}
