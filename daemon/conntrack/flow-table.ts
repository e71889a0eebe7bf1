import { type FlowEvent, flowKey, type MailPort, mailPorts } from './flow.ts';
import { ShortMap } from './short-map.ts';
import { type ChangingFlow, firstSeen, isBirth, seeAgain, type TrackedFlow } from './tracked-flow.ts';

/** What an event or a listing changed. */
export interface FlowTransition {
  readonly type: /** A new connection: score it. */
    | 'opened'
    /** Older than we are (found by the first listing, or picked up by conntrack in the middle). Do not score it. */
    | 'adopted'
    | 'established'
    /** One side closed: its counters are near their end, read them now. */
    | 'closing'
    /** New counters of a live flow. */
    | 'progress'
    /** The final counters, or (`lost`) the last that were seen. Told once a flow. */
    | 'closed';
  readonly flow: TrackedFlow;
  /** Only on `closed`: its end was not seen, so no outcome may be scored. */
  readonly lost?: true;
}

/** The mail flows that are known, live ones and ended ones whose DESTROY is yet to come. Changed in place. */
export interface FlowTable {
  /** In the order of their opening. */
  readonly live: ShortMap<string, ChangingFlow>;
  /** In the order of their end. */
  readonly ended: ShortMap<string, ChangingFlow>;
  /** Whose DESTROY came: a listing that was begun before it may still have a row of them. In the order of their end. */
  readonly gone: ShortMap<string, Gone>;
  /** How many were pushed out because the table was full. */
  dropped: number;
  /** Before the first listing, flows without a NEW are older than we are; after it, their NEW was lost. */
  listed: boolean;
}

interface Gone {
  readonly id: number | undefined;
  readonly atMs: number;
}

/**
 * The most flows that are known at once. When full the flow that ended first gives way, and where none ended the
 * oldest live one, which is then seen again as a late one: its verdict lives in its device, not here.
 */
export const mostFlows = 4_096;

/** A device's SYN that nobody answered for so long had no service. The kernel says so after 120 s only. */
const answerMs = 10_000;
/** A listing may be older than the events that came while it ran: for so long is a new flow not missed in one, nor an old one found. */
const listingMs = 15_000;
/** An end that was pushed out of the memory of ends by so many later ones costs a connection counted twice at most. */
const mostGone = 1_024;

/** Nothing known yet. */
export function emptyFlowTable(): FlowTable {
  return { live: new ShortMap(), ended: new ShortMap(), gone: new ShortMap(), dropped: 0, listed: false };
}

/** Takes in one event or row. Returns what changed, in order. Events may come twice, late or never. */
export function applyFlow(table: FlowTable, event: FlowEvent, nowMs: number): readonly FlowTransition[] {
  const key = event.key ?? flowKey(event);
  if (event.kind === 'destroy') noteGone(table, key, event, nowMs);
  const known = table.live.get(key) ?? (table.ended.size > 0 ? table.ended.get(key) : undefined);
  if (!known) return isGone(table, key, event, nowMs) ? nothing : open(table, event, key, nowMs);
  if (isAnother(known, event)) {
    const closed: readonly FlowTransition[] = known.closed
      ? []
      : [{ type: 'closed', flow: known, lost: true }];
    forget(table, key);
    return [...closed, ...open(table, event, key, nowMs)];
  }
  if (known.closed && event.kind !== 'destroy') {
    // Still there, so its DESTROY is yet to come and must find it: it would be a new flow else.
    known.seenMs = nowMs;
    return nothing;
  }
  const { adopted, established, closing, closed, out } = known;
  seeAgain(known, event, nowMs);
  if (adopted && isBirth(event)) known.adopted = false;
  if (event.kind === 'destroy') forget(table, key);
  else if (known.closed) store(table, known);
  const changes = changesOf(known, established, closing, closed, out?.packets);
  return adopted && !known.adopted ? [{ type: 'opened', flow: known }, ...changes] : changes;
}

/**
 * Takes in a listing: its rows, and where it is complete the end of the flows that are not in it.
 *
 * @param ports those that were listed
 */
export function applyListing(
  table: FlowTable,
  listing: { readonly flows: readonly FlowEvent[]; readonly complete: boolean },
  nowMs: number,
  ports: readonly MailPort[] = mailPorts,
): readonly FlowTransition[] {
  const transitions = listing.flows.flatMap((row) => applyFlow(table, row, nowMs));
  if (!listing.complete) return transitions;
  if (ports.length === mailPorts.length) table.listed = true;
  for (const [key, flow] of table.live) {
    if (!ports.includes(flow.dport) || nowMs - flow.seenMs < listingMs) continue;
    table.live.delete(key);
    flow.closed = true;
    transitions.push({ type: 'closed', flow, lost: true });
  }
  for (const [key, flow] of table.ended) {
    if (ports.includes(flow.dport) && nowMs - flow.seenMs >= listingMs) table.ended.delete(key);
  }
  return transitions;
}

/** How well answers are seen. */
export interface Sight {
  /** Update events arrive; without them only a row that was listed later than 9 s after the opening proves the silence. */
  readonly updates: boolean;
  /** Events until then may be lost: only what was seen unanswered after it is. */
  readonly lostMs: number;
  /** Flows that began later are left for later. */
  readonly untilMs: number;
}

/** The flows that nobody answered within 10 s, each once: they had no service. */
export function timedOut(table: FlowTable, nowMs: number, sight: Sight): readonly TrackedFlow[] {
  const silent: TrackedFlow[] = [];
  for (const flow of table.live.values()) {
    if (flow.unansweredMs === undefined || flow.silent || flow.adopted) continue;
    if (nowMs - flow.sinceMs < answerMs || flow.sinceMs > sight.untilMs) continue;
    if (!sight.updates && flow.unansweredMs - flow.sinceMs < answerMs - 1_000) continue;
    if (flow.unansweredMs <= sight.lostMs) continue;
    flow.silent = true;
    silent.push(flow);
  }
  return silent;
}

function noteGone({ gone }: FlowTable, key: string, { id }: FlowEvent, nowMs: number): void {
  gone.delete(key);
  gone.set(key, { id, atMs: nowMs });
  let oldest = gone.firstKey();
  while (oldest !== undefined && (gone.size > mostGone || isOver(gone.get(oldest), nowMs))) {
    gone.delete(oldest);
    oldest = gone.firstKey();
  }
}

const isOver = (gone: Gone | undefined, nowMs: number) => !gone || nowMs - gone.atMs >= listingMs;

/** Whether it is the row of an entry that has ended meanwhile: it would be a new connection else. */
function isGone(table: FlowTable, key: string, { kind, id }: FlowEvent, nowMs: number): boolean {
  const gone = kind === 'row' ? table.gone.get(key) : undefined;
  return gone !== undefined && !isOver(gone, nowMs) && gone.id === id;
}

function open(table: FlowTable, event: FlowEvent, key: string, nowMs: number): readonly FlowTransition[] {
  const isOlder = event.kind === 'new' || (!table.listed && event.tcpState !== 'SYN_RECV');
  const adopted = isOlder && !isBirth(event);
  const flow = firstSeen(event, key, adopted, nowMs);
  if (event.kind !== 'destroy') store(table, flow);
  const first: FlowTransition = { type: adopted ? 'adopted' : 'opened', flow };
  const changes = changesOf(flow, false, false, false, undefined);
  return changes.length === 0 ? [first] : [first, ...changes];
}

/** The same tuple, but another entry of the kernel's: the DESTROY of the first was lost. */
function isAnother(known: TrackedFlow, event: FlowEvent): boolean {
  if (known.id !== undefined && event.id !== undefined) return known.id !== event.id;
  return known.closed && event.kind === 'new';
}

const nothing: readonly FlowTransition[] = [];

/** What is new about the flow, in the order in which its life goes on; nothing is told twice. */
function changesOf(
  flow: TrackedFlow,
  wasEstablished: boolean,
  wasClosing: boolean,
  wasClosed: boolean,
  packetsBefore: number | undefined,
): readonly FlowTransition[] {
  if (wasClosed) return nothing;
  const { established, closing, closed, out } = flow;
  const isProgress = !closed && out !== undefined && out.packets !== packetsBefore;
  const isEstablished = established && !wasEstablished;
  const isClosing = closing && !wasClosing && !closed;
  if (!isEstablished && !closed && !isClosing && !isProgress) return nothing;
  const first: readonly FlowTransition[] = isEstablished ? [{ type: 'established', flow }] : nothing;
  if (closed) return [...first, { type: 'closed', flow }];
  if (isClosing) return [...first, { type: 'closing', flow }, ...progressOf(flow, isProgress)];
  return isProgress ? [...first, ...progressOf(flow, true)] : first;
}

const progressOf = (flow: TrackedFlow, isProgress: boolean): readonly FlowTransition[] =>
  isProgress ? [{ type: 'progress', flow }] : nothing;

function store(table: FlowTable, flow: ChangingFlow): void {
  if (flow.closed) {
    table.live.delete(flow.key);
    table.ended.set(flow.key, flow);
  } else {
    table.live.set(flow.key, flow);
  }
  if (table.live.size + table.ended.size <= mostFlows) return;
  const from = table.ended.size > 0 ? table.ended : table.live;
  const oldest = from.firstKey();
  if (oldest === undefined) return;
  from.delete(oldest);
  table.dropped++;
}

function forget(table: FlowTable, key: string): void {
  table.live.delete(key);
  if (table.ended.size > 0) table.ended.delete(key);
}
