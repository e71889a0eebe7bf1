// The command line with a daemon that only says what it was asked, since the real one is the lab's business.
import { checkConfig, configIn } from '../../daemon/cli/check.ts';
import { runCli } from '../../daemon/cli/run-cli.ts';

/** Prefixes hold numbers that JSON lacks. */
const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

const told = (name: string) => (options: unknown) => {
  process.stdout.write(`${name} ${JSON.stringify(options, plain)}\n`);
  return Promise.resolve(0);
};

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    wallMs: () => Date.parse('2026-11-21T14:03:00Z'),
  },
  {
    daemon: () =>
      Promise.resolve({ runDaemon: told('run'), printRuleset: told('ruleset'), checkConfig, configIn }),
    notice: () => import('../../daemon/notice/read-notice.ts'),
    hooks: () => Promise.resolve({ runHooks: told('hooks') }),
    replay: () => Promise.resolve({ replayFiles: told('replay') }),
  },
);
