import type { DeviceKey } from '../address/device-key.ts';
import { type DeviceRun, deviceOf, newRun, type ReplayData, type Task } from './device-run.ts';
import { type Direction, directionBy, directionByDefault, isPrivate } from './home.ts';
import { beginFlow, perform } from './play.ts';
import type { ReplayFlow } from './replay-flow.ts';
import type { ReplayOptions } from './replay-options.ts';

/** What became of the flows. */
export interface FlowCounts {
  /** Of devices at home, to servers outside. */
  judged: number;
  inside: number;
  /** From sources that are not at home. */
  strange: number;
  /** Of private devices to private servers, which count as outside where nobody named the home. */
  toPrivate: number;
  /** Earlier than what was judged before them. */
  late: number;
  /** Of devices that had no place, or had to give theirs away. */
  leftOut: number;
}

/** What a log came to. */
export interface Evaluation {
  readonly runs: readonly DeviceRun[];
  readonly counts: FlowCounts;
  /** Whom the devices are: those in the prefixes given, the private sources, or all sources. */
  readonly home: 'lan' | 'private' | 'sources';
}

/** Judges flows, in the order of their start. */
export interface Evaluator {
  take(flow: ReplayFlow): void;
  /** The log is over: flows that go on come to their end. To be called once. */
  finish(): Evaluation;
}

/**
 * The most devices of one log, at about 15 KB each. When full, the one that was quiet longest gives way, unless it was
 * held or goes on; its flows count as left out.
 */
export const mostDevices = 4096;
/** Keys that are remembered, so that not each flow's MAC or IPv6 address is read anew; when full, all are forgotten. */
const mostKeys = 16_384;
/** How many of the quietest are looked at for one that may go. */
const mostLooked = 64;
/** The most flows that go on at one time; above it those of a device that end first are ended early. */
const mostPlanned = 131_072;
/**
 * So many flows wait until each device's are judged in one go: devices are independent, and what the engine knows of one
 * stays in the processor's cache for all of them.
 */
const mostInboxes = 65_536;

/** Nothing seen yet. */
export function createEvaluator(options: ReplayOptions, data: ReplayData): Evaluator {
  const direction = options.lan.length > 0 ? directionBy(options.lan) : directionByDefault;
  const counts: FlowCounts = { judged: 0, inside: 0, strange: 0, toPrivate: 0, late: 0, leftOut: 0 };
  const runs = new Map<DeviceKey, DeviceRun>();
  /** By the MAC or address as the log writes it. */
  const keys = new Map<string, DeviceKey>();
  /** The quietest stand in front: only from when room is scarce, since that costs as much as the rest of a look-up. */
  let isSorted = false;
  let home: Evaluation['home'] = options.lan.length > 0 ? 'lan' : 'sources';
  /** The time of the last flow taken, or later: late ones are judged at it. */
  let nowMs = 0;
  let taken = 0;
  /** Runs whose inboxes hold flows, and how many these are together. */
  let awaited: DeviceRun[] = [];
  let waiting = 0;
  /** Tasks in all agendas. */
  let planned = 0;

  function plan(run: DeviceRun, atMs: number, task: Task): void {
    planned++;
    if (task.do !== 'watch') run.lastDueMs = Math.max(run.lastDueMs, atMs);
    run.agenda.push(atMs, task);
  }

  function performNext(run: DeviceRun, atMs: number): void {
    const task = run.agenda.pop();
    if (!task) return;
    planned--;
    perform(run, task, atMs, plan);
  }

  /** Does what is due until then. */
  function advance(run: DeviceRun, untilMs: number): void {
    for (let due = run.agenda.rank(); due !== undefined && due <= untilMs; due = run.agenda.rank())
      performNext(run, due);
  }

  function judge(run: DeviceRun): void {
    const { inbox, inboxMs } = run;
    for (const [index, flow] of inbox.entries()) {
      const atMs = inboxMs[index] ?? nowMs;
      advance(run, atMs);
      beginFlow(run, flow, atMs, plan);
      while (planned > mostPlanned && run.agenda.size > 0) performNext(run, atMs);
    }
    run.inbox = [];
    run.inboxMs = [];
  }

  function judgeWaiting(): void {
    for (const run of awaited) judge(run);
    awaited = [];
    waiting = 0;
  }

  /** Public sources count only until the first private one: then those are the home. */
  function isJudged(flow: ReplayFlow): boolean {
    const found: Direction = direction(flow);
    if (found === 'inside') {
      counts.inside++;
      return false;
    }
    if (found === 'leaves' && home === 'sources') {
      counts.strange += counts.judged;
      counts.judged = 0;
      counts.leftOut = 0;
      runs.clear();
      isSorted = false;
      awaited = [];
      waiting = 0;
      planned = 0;
      home = 'private';
    }
    if (found === 'leaves' || home === 'sources') return true;
    counts.strange++;
    return false;
  }

  function keyOf(flow: ReplayFlow): DeviceKey | undefined {
    const written = flow.mac ?? flow.src;
    if (flow.mac === undefined && !written.includes(':')) return deviceOf(flow);
    const known = keys.get(written);
    if (known !== undefined) return known;
    const key = deviceOf(flow);
    if (keys.size >= mostKeys) keys.clear();
    if (key !== undefined) keys.set(written, key);
    return key;
  }

  function runOf(flow: ReplayFlow): DeviceRun | undefined {
    const key = keyOf(flow);
    if (key === undefined) return undefined;
    const found = runs.get(key);
    if (found) {
      if (isSorted) {
        runs.delete(key);
        runs.set(key, found);
      }
      return found;
    }
    if (runs.size >= mostDevices && !makeRoom()) return undefined;
    const run = newRun(key, flow, options, data, nowMs);
    runs.set(key, run);
    return run;
  }

  /** Lets go of a device about which there is nothing to tell. */
  function makeRoom(): boolean {
    judgeWaiting();
    if (!isSorted) sortRuns();
    let looked = 0;
    for (const [key, run] of runs) {
      if (++looked > mostLooked) break;
      advance(run, nowMs);
      const { decided, sessions, unread, flows } = run;
      if (sessions.size > 0 || unread.size > 0 || Object.keys(decided).length > 0) continue;
      runs.delete(key);
      planned -= run.agenda.size;
      counts.judged -= flows;
      counts.leftOut += flows;
      return true;
    }
    return false;
  }

  function sortRuns(): void {
    const byQuiet = [...runs.values()].sort((a, b) => a.lastTaken - b.lastTaken);
    runs.clear();
    for (const run of byQuiet) runs.set(run.key, run);
    isSorted = true;
  }

  return {
    take(flow) {
      if (!isJudged(flow)) return;
      const atMs = Math.round(flow.tsS * 1000);
      if (atMs < nowMs) counts.late++;
      nowMs = Math.max(nowMs, atMs);
      const run = runOf(flow);
      if (!run) {
        counts.leftOut++;
        return;
      }
      counts.judged++;
      run.lastTaken = ++taken;
      if (home === 'private' && isPrivate(flow.dst)) counts.toPrivate++;
      if (run.inbox.length === 0) awaited.push(run);
      run.inbox.push(flow);
      run.inboxMs.push(nowMs);
      if (++waiting >= mostInboxes) judgeWaiting();
    },
    finish() {
      judgeWaiting();
      // The log is over when the last session is: until then bans of others end, too.
      let endMs = nowMs;
      for (const { lastDueMs } of runs.values()) endMs = Math.max(endMs, lastDueMs);
      for (const run of runs.values()) advance(run, endMs);
      return { runs: [...runs.values()], counts, home };
    },
  };
}
