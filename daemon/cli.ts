// First: what follows loads Node's own modules.
import './system/built-in-code.ts';
import { checkConfig, configIn } from './cli/check.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { printRuleset, runDaemon } from './main.ts';
import { restoreFlags } from './system/built-in-code.ts';

// `postern devices | head` closes the pipe early: no error of ours.
process.stdout.on('error', () => process.exit(0));

/** A pipe takes 64 KiB at a time: what it has not taken yet would be lost with the process. */
function leave(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

const out = (text: string) => void process.stdout.write(text);
const err = (text: string) => void process.stderr.write(text);
const daemon = async () => ({ checkConfig, configIn, printRuleset, runDaemon });

/** The daemon is started in this one way (procd does); all other command lines are read by a file of its own. */
async function main(words: readonly string[]): Promise<number> {
  const [command, option, configPath] = words;
  if (command === 'run' && option === '--config' && configPath !== undefined && words.length === 3) {
    setImmediate(restoreFlags);
    return await runDaemon({ configPath });
  }
  const cli = await import('./cli/run-cli.ts').catch(() => undefined);
  if (!cli) {
    err('postern: postern-cli.cjs is not beside postern.cjs\nPut it there: it reads command lines.\n');
    return exitCodes.unavailable;
  }
  const terminal = { out, err, wallMs: () => Date.now() };
  return await cli.runCli(words, terminal, {
    daemon,
    replay: () => import('./main-replay.ts'),
    hooks: () => import('./main-hooks.ts'),
    notice: () => import('./notice/read-notice.ts'),
  });
}

// No top-level await: the bundle is CommonJS. Nothing may outlive the command, so that a forgotten handle cannot
// keep a stopped daemon alive.
void main(process.argv.slice(2)).then(leave, (error: unknown) => {
  err(`postern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  leave(exitCodes.fault);
});
