import type { Running } from './main-running.ts';

/** Uses the reader of the firewall's rules, a file of its own that is loaded when it is needed. Never rejects. */
export function withDoors(
  { log }: Running,
  use: (reader: typeof import('./main-doors.ts')) => Promise<void>,
): Promise<void> {
  return import('./main-doors.ts')
    .then(use)
    .catch((error: unknown) => log.write('warn', `port forwards are not looked for: ${error}`));
}
