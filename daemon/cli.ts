import { exitCodes } from './cli/commands.ts';
import { runCli } from './cli/run-cli.ts';

// `postern devices | head` closes the pipe early: no error of ours.
process.stdout.on('error', () => process.exit(0));

/** A pipe takes 64 KiB at a time: what it has not taken yet would be lost with the process. */
function leave(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// No top-level await: the bundle is CommonJS. Nothing may outlive the command, so that a forgotten handle cannot
// keep a stopped daemon alive.
void runCli(
  process.argv.slice(2),
  {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    wallMs: () => Date.now(),
  },
  {
    daemon: () => import('./main.ts'),
    replay: () => import('./main-replay.ts'),
    ask: () => import('./cli/ask.ts'),
  },
).then(leave, (error: unknown) => {
  process.stderr.write(
    `postern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  leave(exitCodes.fault);
});
