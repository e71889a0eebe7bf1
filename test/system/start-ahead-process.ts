// A process with one program that waits, for tests that kill it: node FILE INPUT-BYTES PROGRAM [ARG ...]
import { startAhead } from '../../daemon/system/start-ahead.ts';

const [, , bytes = '0', program = '', ...args] = process.argv;
const child = startAhead([program, ...args]);
setInterval(() => undefined, 1000);
process.stdin.once('data', () => {
  // The beginning of a transaction that would make a table.
  const table = '{"nftables":[{"add":{"table":{"family":"inet","name":"torn"}}}';
  void child.feed(table + ' '.repeat(Number(bytes)), { timeoutMs: 60_000, maxOutputBytes: 1000 });
});
