import { type DeviceKey, parseDeviceKey } from '../address/device-key.ts';
import type { AttemptRow, LedgerRow, OverrunRow, SetReading } from '../enforcement/reading.ts';
import { hostKey } from '../identity/carriers.ts';
import { recordsBehind } from './ban-on.ts';
import { condition } from './conditions.ts';
import { contact } from './contact.ts';
import { type DeviceRecord, markId, markOf, missingOf, noteEvidence } from './device-record.ts';
import { isReleased } from './hold.ts';
import { count } from './hourly.ts';
import { tell } from './incidents.ts';
import { dayAndTime } from './iso-time.ts';
import { knownKeys } from './known-devices.ts';
import { onLedgerIdentity } from './on-identity.ts';
import { recordOf } from './records.ts';
import type { State, Turn } from './state.ts';
import { whoIs } from './who.ts';

const noticeMs = 3_600_000;

/** Takes in one reading of the dynamic sets. */
export function onSets(turn: Turn, reading: SetReading): void {
  if (reading.ledger) {
    onLedgerIdentity(turn, reading.ledger);
    countLedger(turn, reading.ledger);
    turn.state.ledgerRead = true;
  }
  const admit = doorman(turn);
  for (const row of reading.attempts) onAttempts(turn, row, admit);
  for (const row of reading.overruns) onOverrun(turn, row, admit);
  tellFull(turn, 'full', reading.full);
}

/** Sets that the kernel filled to their bound, or that could not take all the daemon has for them. */
export function tellFull(turn: Turn, which: keyof State['full'], names: readonly string[]): void {
  const { full } = turn.state;
  full[which] = names;
  const all = [...full.full, ...full.overfull.map((name) => `more than fits in ${name}`)];
  condition(turn, 'set_full', all.length > 0, all.join(', ') || undefined);
}

/** After a gap the ledger is read at once, and again when the reader is back: its listing comes a second or two later. */
const onItsWayMs = 3_000;

/**
 * Compares the ledger with the events, source by source. What the ledger has more was lost on the way: it counts as
 * a connection, and its destination is unknown. Lost only when readings {@link onItsWayMs} apart agree, since an event or
 * a listing may merely be on its way. The first reading after the start is where counting begins: what was before was seen by an earlier run.
 */
function countLedger(turn: Turn, rows: readonly LedgerRow[]): void {
  const lost = new Map<DeviceRecord, number>();
  for (const row of rows) {
    const key = hostKey(turn.state.directory.carriers, row.key, row.src);
    const forgotten = turn.state.records.has(key) ? undefined : turn.state.forgottenMarks.get(key);
    if (forgotten && missingOf(forgotten.ledgerMarks.get(markId(row.src, row.port)), row.connections) === 0)
      continue;
    const record = recordOf(turn, key);
    const mark = markOf(record, row.src, row.port);
    if (turn.state.ledgerRead)
      mark.total += row.connections >= mark.counted ? row.connections - mark.counted : row.connections;
    mark.counted = row.connections;
    const missing = Math.max(0, mark.total - mark.seen - mark.lost);
    const isEarly = mark.missing === 0 || turn.at.nowMs - mark.sinceMs < onItsWayMs;
    const sure = isEarly ? 0 : Math.min(missing, mark.missing);
    if (mark.missing === 0 || !isEarly) mark.sinceMs = turn.at.nowMs;
    mark.missing = isEarly && mark.missing > 0 ? Math.min(missing, mark.missing) : missing - sure;
    mark.lost += sure;
    if (sure === 0) continue;
    lost.set(record, (lost.get(record) ?? 0) + sure);
    turn.effects.push({
      type: 'mail',
      seen: { key: record.key, address: '', port: row.port, connections: sure },
    });
  }
  for (const [record, connections] of lost) tellLost(turn, record, connections);
}

/** How long `events_lost` stays up after the last loss. */
const lostMs = 600_000;

function tellLost(turn: Turn, record: DeviceRecord, connections: number): void {
  const { nowMs, wallMs } = turn.at;
  record.withoutEvent += connections;
  record.lastMailMs = nowMs;
  count(record.hourly, connections, nowMs);
  noteEvidence(
    record,
    `${dayAndTime(wallMs)} ${connections} connections whose destination is unknown (events lost)`,
  );
  turn.changed.add(record.key);
  // Some firmware tells nothing of what it carries past conntrack; the listings have what stays there a while.
  if (turn.state.heard) condition(turn, 'events_lost', true, undefined, nowMs + lostMs);
  else if (!turn.state.conditions.has('no_events')) condition(turn, 'no_events', true);
  const { name } = whoIs(turn.state, record.key);
  const text = `${name}: ${connections} mail connections without an event; their destinations are unknown`;
  turn.effects.push({ type: 'log', level: 'warn', text });
}

/**
 * Strangers under suspicion at one time of which only refused packets were ever seen. Whoever invents MACs would else
 * push the devices of the home out of memory, and open an incident with each of them. All others are let go: their
 * network's shared budget holds them, and `set_full` tells it.
 */
const maxStrangers = 32;

/** Finds or makes the record that a refused packet counts for; undefined for a stranger too many. */
function doorman(turn: Turn): (key: DeviceKey) => DeviceRecord | undefined {
  const { state } = turn;
  const known = new Set(knownKeys(turn));
  let strangers = 0;
  for (const { key, connections, incident } of state.records.values())
    if (connections === 0 && incident !== undefined && !known.has(key)) strangers++;
  return (key) => {
    const isNew = !state.records.has(key) && !known.has(key);
    if (isNew && strangers >= maxStrangers) {
      state.dropped++;
      return undefined;
    }
    if (isNew) strangers++;
    return recordOf(turn, key);
  };
}

type Admit = ReturnType<typeof doorman>;

/** A thing whose relay nobody allowed tries it every quarter of an hour for ever: that is told once a day. */
const retryMs = 86_400_000;

/** Refused new connections since the last reading are observations without an outcome: one a destination. */
function onAttempts(turn: Turn, row: AttemptRow, admit: Admit): void {
  const key = parseDeviceKey(row.key);
  if (key === undefined || row.attempts === 0) return;
  const { state, at } = turn;
  const id = `${row.dst} ${row.port}`;
  const before = marksOf(state, key)?.attemptMarks.get(id) ?? 0;
  const more = row.attempts >= before ? row.attempts - before : row.attempts;
  const record = more === 0 ? state.records.get(key) : admit(key);
  if (!record) return;
  keepAttempt(record, id, row.attempts);
  if (more === 0) return;
  record.refused += more;
  record.lastAttemptMs = at.nowMs;
  record.lastMailMs = at.nowMs;
  state.refused += more;
  count(state.week.refused, more, at.nowMs);
  turn.changed.add(key);
  const { dst: address, port } = row;
  turn.effects.push({ type: 'mail', seen: { key, address, port, refused: more } });
  if (!row.dst.includes(':') && isOfOneHeld(turn, record)) return;
  // Of a released device nothing is refused: this was before, and the release has wiped it out.
  const step = isReleased(record, at.nowMs)
    ? undefined
    : contact(turn, record, { address: row.dst, port: row.port, refused: true });
  const isRetry = step?.relation !== 'N' && step?.relation !== 'A';
  if (
    record.incident === undefined &&
    !state.upstream.closed &&
    !(isRetry && at.nowMs < record.retryToldUntilMs)
  ) {
    record.retryToldUntilMs = at.nowMs + retryMs;
    tell(turn, record, 'told', { note: `It tried to reach ${row.dst}, port ${row.port}, and was refused.` });
  }
  const incident = state.incidents.get(record.incident ?? '');
  if (incident) incident.refused += more;
}

/** How far the kernel's counts about the device were read, forgotten or not. */
const marksOf = ({ records, forgottenMarks }: State, key: DeviceKey) =>
  records.get(key) ?? forgottenMarks.get(key);

/**
 * Behind a MAC that several devices share, one is held: what the kernel refused of the MAC was most likely that one's, and is
 * held against nobody else. Over IPv6 nobody behind it is held by an address.
 */
function isOfOneHeld({ state }: Turn, { key, ban }: DeviceRecord): boolean {
  return !ban && recordsBehind(state, key).some((behind) => behind.ban !== undefined);
}

/** The attempts sets hold 1,024 elements in all, so one device's marks do too; the oldest goes. */
function keepAttempt(record: DeviceRecord, id: string, attempts: number): void {
  record.attemptMarks.delete(id);
  record.attemptMarks.set(id, attempts);
  if (record.attemptMarks.size <= 1024) return;
  const oldest = record.attemptMarks.keys().next().value;
  if (oldest !== undefined) record.attemptMarks.delete(oldest);
}

/** The kernel cut a device's mail because its budget was used up: that is told, at most once an hour. */
function onOverrun(turn: Turn, row: OverrunRow, admit: Admit): void {
  const key = parseDeviceKey(row.key);
  if (key === undefined || marksOf(turn.state, key)?.overrunMark === row.packets) return;
  const record = admit(key);
  if (!record) return;
  const more = row.packets >= record.overrunMark ? row.packets - record.overrunMark : row.packets;
  record.overrunMark = row.packets;
  if (more === 0) return;
  record.lastMailMs = turn.at.nowMs;
  record.lastSuspectMs = turn.at.nowMs;
  turn.changed.add(key);
  if (turn.at.nowMs < record.noticedUntilMs || record.ban || turn.state.upstream.closed) return;
  if (isOfOneHeld(turn, record)) return;
  record.noticedUntilMs = turn.at.nowMs + noticeMs;
  tell(turn, record, 'told', {
    note: 'It used up what an unknown sender may send in an hour, and the rest is refused.',
  });
}
