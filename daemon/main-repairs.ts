import type { Running } from './main-running.ts';

/** Tells that somebody else had changed the table and that it is restored; `found` in words, `kinds` for the status. */
export function tellRepair(running: Running, found: readonly string[], kinds: readonly string[]): void {
  const what = found.slice(0, 5).join('; ');
  running.log.write('warn', `the firewall table was changed by somebody and restored: ${what}`);
  running.dispatch({ type: 'drift', differences: [...new Set(kinds)] });
}
