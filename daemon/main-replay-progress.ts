import { statSync } from 'node:fs';
import type { Source } from './main-replay-source.ts';
import { monotonicMs } from './system/clock.ts';

const everyMs = 500;

/** How far a replay is, on a terminal's last line; nothing where stderr is none. */
export function createProgress(sources: readonly Source[]) {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  const total = sources.reduce((sum, { path }) => sum + statSync(path).size, 0);
  const sum = (of: (source: Source) => number) => sources.reduce((all, source) => all + of(source), 0);
  let shownMs = monotonicMs();
  let isShown = false;
  return {
    show() {
      if (monotonicMs() - shownMs < everyMs) return;
      shownMs = monotonicMs();
      isShown = true;
      const percent = Math.floor((100 * sum((source) => source.bytesRead())) / Math.max(1, total));
      const lines = sum((source) => source.counts().lines);
      const flows = sum((source) => source.counts().flows);
      process.stderr.write(`\r${percent} %, ${lines} lines, ${flows} mail flows `);
    },
    end() {
      if (isShown) process.stderr.write('\r\u001b[K');
    },
  };
}
