import type { HookEvent } from './hook-event.ts';

/** How a hook ended. */
export interface HookResult {
  /** Its exit code, 127 if it could not be started, 128 and the signal's number if it was killed. */
  readonly code: number;
  /** Its time was up. */
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The beginning of what it wrote. */
  readonly output: string;
}

/** What runs hooks. Neither may throw or reject. */
export interface HookPort {
  /** The hooks to run now for an event, by name, in order. */
  readonly list: (event: HookEvent) => readonly string[];
  readonly run: (hook: string, event: HookEvent) => Promise<HookResult>;
  /** A hook ended. */
  readonly ended: (hook: string, event: HookEvent, result: HookResult) => void;
  /** An event was given up, the `total`-th so far: more wait than {@link maxWaiting}. */
  readonly dropped: (event: HookEvent, total: number) => void;
}

/** Runs hooks, one event after the other. */
export interface HookQueue {
  /** Takes an event, unless it came before. */
  push(event: HookEvent): void;
  /** Gives up what waits. */
  clear(): void;
  /** When nothing waits or runs any more. */
  settled(): Promise<void>;
}

/** Events that wait; the oldest is given up when one more comes. */
export const maxWaiting = 64;
/** Hooks that run at a time. */
export const maxRunning = 2;
/** Ids remembered, so that no event runs twice: twice what the daemon keeps for who comes back. */
const maxSeen = 128;

/**
 * A queue of events. The hooks of one event start in order, two at a time, and the next event waits for them: what a hook
 * tells, it tells in the order in which it happened.
 */
export function createHookQueue(port: HookPort): HookQueue {
  /** Bound: maxWaiting. */
  const waiting: HookEvent[] = [];
  /** Bound: maxSeen; the oldest goes. */
  const seen = new Set<string>();
  let dropped = 0;
  let working: Promise<void> | undefined;

  async function runOne(event: HookEvent): Promise<void> {
    const hooks = [...port.list(event)];
    const work = async () => {
      for (let hook = hooks.shift(); hook !== undefined; hook = hooks.shift())
        port.ended(hook, event, await port.run(hook, event));
    };
    await Promise.all(Array.from({ length: maxRunning }, work));
  }

  async function work(): Promise<void> {
    for (let event = waiting.shift(); event; event = waiting.shift()) await runOne(event);
    working = undefined;
  }

  return {
    push(event) {
      if (seen.has(event.id)) return;
      seen.add(event.id);
      const [oldestId] = seen;
      if (seen.size > maxSeen && oldestId !== undefined) seen.delete(oldestId);
      waiting.push(event);
      const oldest = waiting.length > maxWaiting ? waiting.shift() : undefined;
      if (oldest) port.dropped(oldest, ++dropped);
      working ??= work();
    },
    clear: () => void waiting.splice(0),
    settled: async () => await working,
  };
}
