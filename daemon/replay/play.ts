import type { AttemptRow } from '../enforcement/reading.ts';
import {
  type DeviceRun,
  give,
  identify,
  lookForSilence,
  mostAttempts,
  mostSessions,
  readArrivals,
  readRefused,
  recordOf,
  type Task,
  watchEnds,
} from './device-run.ts';
import { nextReading, readLine } from './line.ts';
import { isEstablished, type ReplayFlow } from './replay-flow.ts';
import { beginning, ending, handshake, messagesIn, newSession, passedAt, type Session } from './session.ts';

/** Plans something for a later time. */
export type Plan = (run: DeviceRun, atMs: number, task: Task) => void;

/** The engine's own patience with a SYN. */
const answerMs = 10_000;
/** After it a flow without an answer has nothing more to tell. */
const silenceMs = 11_000;
/** How often the daemon reads the attempts sets. */
const readMs = 2000;
/** How often the engine looks at an incident without a ban, which closes when the device is quiet: it only has to be soon. */
const watchMs = 600_000;
/** How often at a ban, of which nothing changes by itself before its end: a look at each ten minutes of a month costs more than all flows. */
const banWatchMs = 21_600_000;

/** Plays the beginning of a flow and plans the rest of it. */
export function beginFlow(run: DeviceRun, flow: ReplayFlow, nowMs: number, plan: Plan): void {
  // Just before its first contact.
  if (run.flows === 0) readLine(run, nowMs - 1);
  run.flows++;
  run.lastMs = nowMs;
  run.label ??= flow.label;
  identify(run, flow.src, nowMs);
  if (!flow.midway) run.connections++;
  if (run.gate.refuses(flow.dst, flow.dport, nowMs, flow.src)) {
    refuse(run, flow, nowMs, plan);
    return;
  }
  const session = newSession(flow, run.flows, nowMs);
  run.sessions.set(session.id, session);
  if (run.sessions.size > mostSessions) letGo(run);
  give(run, { type: 'flow', flow: beginning(session) }, nowMs);
  cutRefused(run, nowMs);
  if (session.open && isEstablished(flow)) {
    give(run, { type: 'flow', flow: handshake(session) }, nowMs);
    cutRefused(run, nowMs);
  }
  if (session.open) planRest(run, session, plan);
  watch(run, nowMs, plan);
  follow(run, nowMs, plan);
}

/** Does what was planned. */
export function perform(run: DeviceRun, task: Task, nowMs: number, plan: Plan): void {
  switch (task.do) {
    case 'end':
      if (task.session.open) endSession(run, task.session, 1, nowMs);
      break;
    case 'tick':
      give(run, { type: 'tick' }, nowMs);
      break;
    case 'line':
      run.reading = false;
      give(run, { type: 'tick' }, nowMs);
      readLine(run, nowMs);
      break;
    case 'read':
      readAttempts(run, nowMs);
      break;
    case 'watch':
      if (nowMs >= run.watchedMs) run.watchedMs = Number.POSITIVE_INFINITY;
      give(run, { type: 'tick' }, nowMs);
      break;
  }
  cutRefused(run, nowMs);
  watch(run, nowMs, plan);
  follow(run, nowMs, plan);
}

function planRest(run: DeviceRun, session: Session, plan: Plan): void {
  const { flow, startMs } = session;
  const durationMs = flow.durationS * 1000;
  const isSilent = flow.state === 'timeout';
  if (isSilent && (!flow.unfinished || durationMs >= answerMs)) {
    // The daemon ticks once a second.
    const tickMs = Math.ceil((startMs + answerMs) / 1000) * 1000;
    if (tickMs > run.tickMs) plan(run, tickMs, lookForSilence);
    run.tickMs = Math.max(run.tickMs, tickMs);
  }
  if (!flow.unfinished) plan(run, startMs + (isSilent ? silenceMs : durationMs), { do: 'end', session });
}

function endSession(run: DeviceRun, session: Session, share: number, nowMs: number): void {
  session.open = false;
  run.sessions.delete(session.id);
  run.messages += messagesIn(session, share);
  run.options.ended?.(session.flow, share);
  give(run, { type: 'flow', flow: ending(session, share) }, nowMs);
}

/** The reject is the cut: a session goes no further once its packets are refused. */
function cutRefused(run: DeviceRun, nowMs: number): void {
  if (!run.options.enforce || run.ban === undefined) return;
  for (const session of run.sessions.values()) {
    const { src, dst, dport } = session.flow;
    if (run.gate.refuses(dst, dport, nowMs, src)) endSession(run, session, passedAt(session, nowMs), nowMs);
  }
}

/** The kernel counts the attempt; the daemon reads the counters every two seconds. */
function refuse(run: DeviceRun, { dst, dport }: ReplayFlow, nowMs: number, plan: Plan): void {
  run.refused++;
  const id = `${dst} ${dport}`;
  const attempts = (run.attempts.get(id)?.attempts ?? 0) + 1;
  const row: AttemptRow = { key: run.key, dst, port: dport, attempts };
  run.attempts.delete(id);
  run.attempts.set(id, row);
  if (run.attempts.size > mostAttempts) {
    const oldest = run.attempts.keys().next().value;
    if (oldest !== undefined) run.attempts.delete(oldest);
  }
  if (run.unread.size === 0) plan(run, (Math.floor(nowMs / readMs) + 1) * readMs, readRefused);
  run.unread.set(id, row);
}

function readAttempts(run: DeviceRun, nowMs: number): void {
  const attempts = [...run.unread.values()];
  run.unread.clear();
  give(run, { type: 'sets', reading: { attempts, overruns: [], full: [] } }, nowMs);
}

/** Too many sessions at once: the oldest is no longer followed, and its end is never told. */
function letGo(run: DeviceRun): void {
  const [oldest] = run.sessions.values();
  if (!oldest) return;
  oldest.open = false;
  run.sessions.delete(oldest.id);
}

/** Plans the next reading of the line, if the engine wants one. */
function follow(run: DeviceRun, nowMs: number, plan: Plan): void {
  const atMs = run.reading ? undefined : nextReading(run, nowMs);
  if (atMs === undefined) return;
  run.reading = true;
  plan(run, atMs, readArrivals);
}

/** Plans a look at the device while something about it ends by itself. */
function watch(run: DeviceRun, nowMs: number, plan: Plan): void {
  const record = run.watchedMs < Number.POSITIVE_INFINITY ? undefined : recordOf(run);
  if (!record || (!record.ban && record.incident === undefined)) return;
  const { ban } = record;
  const laterMs = nowMs + (ban ? banWatchMs : watchMs);
  run.watchedMs = Math.max(nowMs + 1, Math.min(ban?.endMs ?? laterMs, laterMs));
  plan(run, run.watchedMs, watchEnds);
}
