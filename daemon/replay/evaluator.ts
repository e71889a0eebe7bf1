import type { DeviceKey } from '../address/device-key.ts';
import { type DeviceRun, deviceOf, newRun, type ReplayData } from './device-run.ts';
import { createHeap } from './heap.ts';
import { type Direction, directionBy, directionByDefault, isPrivate } from './home.ts';
import { beginFlow, perform, type Task } from './play.ts';
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
/** How many of the quietest are looked at for one that may go. */
const mostLooked = 64;
/** The most flows that go on at one time; above it those that end first are ended early. */
const mostPlanned = 131_072;

/** Nothing seen yet. */
export function createEvaluator(options: ReplayOptions, data: ReplayData): Evaluator {
  const direction = options.lan.length > 0 ? directionBy(options.lan) : directionByDefault;
  const counts: FlowCounts = { judged: 0, inside: 0, strange: 0, toPrivate: 0, late: 0, leftOut: 0 };
  const runs = new Map<DeviceKey, DeviceRun>();
  const agenda = createHeap<Task>();
  let home: Evaluation['home'] = options.lan.length > 0 ? 'lan' : 'sources';
  /** Tasks that must be done for the log to be over; looks at what ends by itself need not. */
  let pending = 0;
  let nowMs = 0;

  function plan(atMs: number, task: Task): void {
    if (task.do !== 'watch') pending++;
    agenda.push(atMs, task);
  }

  function performNext(atMs: number): void {
    nowMs = Math.max(nowMs, atMs);
    const task = agenda.pop();
    if (!task) return;
    if (task.do !== 'watch') pending--;
    perform(task, nowMs, plan);
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
      home = 'private';
    }
    if (found === 'leaves' || home === 'sources') return true;
    counts.strange++;
    return false;
  }

  function runOf(flow: ReplayFlow): DeviceRun | undefined {
    const key = deviceOf(flow);
    if (key === undefined) return undefined;
    const found = runs.get(key);
    if (found) {
      // So the quietest stay in front.
      runs.delete(key);
      runs.set(key, found);
      return found;
    }
    if (runs.size >= mostDevices && !makeRoom()) return undefined;
    const run = newRun(key, flow, options, data, nowMs);
    runs.set(key, run);
    return run;
  }

  /** Lets go of a device about which there is nothing to tell. */
  function makeRoom(): boolean {
    let looked = 0;
    for (const [key, { decided, sessions, unread, flows }] of runs) {
      if (++looked > mostLooked) break;
      if (sessions.size > 0 || unread.size > 0 || Object.keys(decided).length > 0) continue;
      runs.delete(key);
      counts.judged -= flows;
      counts.leftOut += flows;
      return true;
    }
    return false;
  }

  return {
    take(flow) {
      if (!isJudged(flow)) return;
      const atMs = Math.round(flow.tsS * 1000);
      if (atMs < nowMs) counts.late++;
      for (let due = agenda.rank(); due !== undefined && due <= atMs; due = agenda.rank()) performNext(due);
      nowMs = Math.max(nowMs, atMs);
      const run = runOf(flow);
      if (!run) {
        counts.leftOut++;
        return;
      }
      counts.judged++;
      if (home === 'private' && isPrivate(flow.dst)) counts.toPrivate++;
      beginFlow(run, flow, nowMs, plan);
      while (agenda.size > mostPlanned) performNext(nowMs);
    },
    finish() {
      while (pending > 0) performNext(agenda.rank() ?? nowMs);
      return { runs: [...runs.values()], counts, home };
    },
  };
}
