import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredRuleset } from './enforcement/desired.ts';
import { staticScript } from './enforcement/static-script.ts';
import { isCount } from './engine/ban-snapshot.ts';
import { stateText } from './engine/fit-snapshot.ts';
import type { Instant } from './engine/input.ts';
import { type Snapshot, takeSnapshot } from './engine/snapshot.ts';
import type { State } from './engine/state.ts';
import { createWriteGate } from './engine/write-gate.ts';
import type { WaitingEvent } from './mqtt/outbox.ts';
import { wallMs } from './system/clock.ts';
import { run } from './system/process.ts';
import { type ReadState, readState, writeState } from './system/state-file.ts';

/** What is written: the state, the events that no broker has yet, and the table. */
export interface Content {
  readonly state: State;
  readonly at: Instant;
  readonly unsent: readonly WaitingEvent[];
  readonly ruleset: DesiredRuleset | undefined;
}

/** How a call of `save` went: nothing was due, it is written, or the error's text. */
export type Saved = 'idle' | 'saved' | { readonly error: string };

/** Keeps the state over restarts, as rarely as flash needs it. */
export interface Store {
  read(): Promise<ReadState>;
  ask(urgent: boolean): void;
  /** How many events the file holds that no broker had yet when it was written. */
  savedUnsent(): number;
  /** Writes if it is time (`force`: if anything waits). */
  save(content: () => Content, nowMs: number, force?: boolean): Promise<Saved>;
}

/** Which boot of the router this is; undefined where the kernel does not say. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** Whether the router restarted since the snapshot was taken. */
export function isFromEarlierBoot(snapshot: unknown): boolean {
  const { boot } = (snapshot ?? {}) as { readonly boot?: unknown };
  return snapshot !== undefined && boot !== bootId();
}

const checkLimits = { timeoutMs: 10_000, maxOutputBytes: 4096 };

/** The store in this folder. */
export function openStore(dataDir: string, runDir: string): Store {
  const gate = createWriteGate();
  const path = join(dataDir, 'state.json');
  let writing = false;
  let savedUnsent = 0;
  return {
    async read() {
      const read = await readState(path);
      if (read.kind !== 'snapshot') return read;
      savedUnsent = unsentOf(read.snapshot).length;
      const { writes, saved_s: savedS } = read.snapshot as Partial<Snapshot>;
      if (isCount(writes) && isCount(savedS)) gate.resume(writes, wallMs() - savedS * 1000);
      return read;
    },
    ask: gate.ask,
    savedUnsent: () => savedUnsent,
    async save(content, nowMs, force = false) {
      if (writing || !gate.take(nowMs, force)) return 'idle';
      writing = true;
      const { state, at, unsent, ruleset } = content();
      // The list is the outbox's own, and grows shorter while the file is written.
      const unsentThen = unsent.length;
      const boot = bootId();
      const snapshot = {
        ...takeSnapshot(state, at),
        ...(boot !== undefined && { boot }),
        writes: gate.left(),
      };
      const text = stateText(snapshot, unsent);
      // The script first: whom it holds at the next boot we adopt, while nobody holds whom only the state knows until we run.
      const saved = ruleset && { ...ruleset, holding: holdsAfterRestart(state) };
      const unguarded = await saveGuard(dataDir, runDir, saved, at.nowMs);
      const error = (await writeState(path, text)) ?? unguarded;
      if (error !== undefined) gate.failed();
      writing = false;
      if (error === undefined) savedUnsent = unsentThen;
      return error === undefined ? 'saved' : { error };
    },
  };
}

/** A pause does not outlive a restart. */
const holdsAfterRestart = ({ config }: State) => config.enabled && config.mode === 'guard';

/** The table as a script that loads without us: what protects in the first minute after a boot. Checked first. */
async function saveGuard(
  dataDir: string,
  runDir: string,
  ruleset: DesiredRuleset | undefined,
  nowMs: number,
): Promise<string | undefined> {
  if (!ruleset) return undefined;
  // The mask blinds other programs while nobody of us listens, and live flows do not outlive a boot.
  const script = staticScript({ ...ruleset, maskEvents: false, cuts: [] }, nowMs);
  const candidate = join(runDir, 'guard.nft');
  const failed = await writeState(candidate, script);
  if (failed !== undefined) return failed;
  const check = await run(['nft', '-c', '-f', candidate], checkLimits);
  if (check.code !== 0) return `nft refuses the saved table: ${check.stderr.split('\n')[0]}`;
  return writeState(join(dataDir, 'guard.nft'), script);
}

/** Events of an earlier run that no broker acknowledged, from the state file. */
export function unsentOf(snapshot: unknown): WaitingEvent[] {
  const { unsent } = (snapshot ?? {}) as { readonly unsent?: unknown };
  if (!Array.isArray(unsent)) return [];
  return unsent.filter(
    (event): event is WaitingEvent =>
      typeof event === 'object' &&
      event !== null &&
      typeof event.id === 'string' &&
      typeof event.payload === 'string',
  );
}
