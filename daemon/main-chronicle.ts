import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceKey } from './address/device-key.ts';
import type { Answer, Request } from './control/request.ts';
import type { Instant } from './engine/input.ts';
import { fail } from './engine/on-request.ts';
import type { Seen } from './history/seen.ts';
import type { Running } from './main-running.ts';
import { monotonicMs, wallMs } from './system/clock.ts';

/** What keeps the history and answers from it. */
export interface Chronicle {
  note(seen: Seen, at: Instant): void;
  /** Looks closely at a device for so long. */
  watch(key: DeviceKey, durationMs: number, at: Instant): void;
  /** Lets time pass; returns whether it wants to be written. */
  tick(at: Instant): boolean;
  answer(request: Request): Promise<Answer>;
  /** Writes the file; an error's text. */
  save(at: Instant): Promise<string | undefined>;
}

/** The chronicle as far as it is loaded: a file of its own, for a home that mails, or after an hour. */
export interface LazyChronicle {
  note(seen: Seen): void;
  watch(key: DeviceKey, durationMs: number): void;
  tick(): boolean;
  save(isLast: boolean): Promise<string | undefined>;
  answer(request: Request): Promise<Answer>;
}

const patienceMs = 3_600_000;
/** What is seen while the file is read; more is not kept. */
const mostWaiting = 4096;

/** The file of the history. */
export const historyFile = (dataDir: string) => join(dataDir, 'history.bin');

/** Loads the chronicle when there is something to keep or to answer. */
export function createChronicle(daemon: () => Running, dataDir: string): LazyChronicle {
  let loading: Promise<Chronicle | undefined> | undefined;
  let ready: Chronicle | undefined;
  let isDue = false;
  /** Why the last write failed: it stays so until another succeeds. */
  let failed: string | undefined;
  /** Bound: {@link mostWaiting}. */
  const waiting: ((chronicle: Chronicle) => void)[] = [];
  const now = () => ({ nowMs: monotonicMs(), wallMs: wallMs() });
  const load = () => {
    loading ??= import('./main-history.ts')
      .then(({ openHistory }) => openHistory(daemon(), historyFile(dataDir)))
      .then((chronicle) => {
        ready = chronicle;
        for (const use of waiting.splice(0)) use(chronicle);
        return chronicle;
      })
      .catch((error: unknown) => {
        daemon().log.write('warn', `no history is kept: ${error instanceof Error ? error.message : error}`);
        return undefined;
      });
    return loading;
  };
  const use = (what: (chronicle: Chronicle) => void) => {
    if (ready) what(ready);
    else {
      if (waiting.length < mostWaiting) waiting.push(what);
      void load();
    }
  };
  if (existsSync(historyFile(dataDir))) void load();
  return {
    note(seen) {
      const at = now();
      use((chronicle) => chronicle.note(seen, at));
    },
    watch(key, durationMs) {
      const at = now();
      use((chronicle) => chronicle.watch(key, durationMs, at));
    },
    tick() {
      if (monotonicMs() > patienceMs) void load();
      isDue ||= ready?.tick(now()) === true;
      return isDue;
    },
    async save(isLast) {
      if (!ready || !(isDue || isLast)) return failed;
      isDue = false;
      failed = await ready.save(now());
      return failed;
    },
    async answer(request) {
      const chronicle = await load();
      return chronicle
        ? await chronicle.answer(request)
        : fail('not_available', 'No history is kept', 'Put postern-history.cjs beside postern.cjs.');
    },
  };
}
