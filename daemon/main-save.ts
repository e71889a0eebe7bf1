import type { Running } from './main-running.ts';
import { monotonicMs, wallMs } from './system/clock.ts';

/** Writes the state if something waits and it is time for it; that it cannot be written is told. */
export async function saveState(running: Running, force = false): Promise<void> {
  const nowMs = monotonicMs();
  // A file that still holds what the broker has by now would tell it again after a crash.
  if (running.store.savedUnsent() > 0 && running.session?.unsent().length === 0) running.store.ask(true);
  if (running.chronicle.tick()) running.store.ask(false);
  const content = () => ({
    state: running.state,
    at: { nowMs, wallMs: wallMs() },
    unsent: running.session?.unsent() ?? [],
    ruleset: running.ruleset,
  });
  const saved = await running.store.save(content, nowMs, force);
  if (saved === 'idle') return;
  // One write of the day's count is both files.
  const failed = saved === 'saved' ? await running.chronicle.save(force) : saved.error;
  const on = failed !== undefined;
  if (on) running.log.write('warn', `the state was not saved: ${failed}`);
  if (on === running.state.conditions.has('state_not_saved')) return;
  running.dispatch({ type: 'condition', reason: 'state_not_saved', on, ...(on && { detail: failed }) });
}
