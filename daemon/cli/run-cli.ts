import { printable } from '../control/printable.ts';
import { version } from '../system/version.ts';
import { askDaemon, type Terminal } from './ask.ts';
import { exitCodes, helpText } from './commands.ts';
import { parseCommand } from './parse-command.ts';

/** What main.ts offers to the command line; each returns an exit code. */
export interface DaemonModule {
  readonly runDaemon: (options: { readonly configPath: string }) => Promise<number>;
  readonly replayFile: (options: { readonly path: string; readonly json: boolean }) => Promise<number>;
  readonly printRuleset: (options: {
    readonly configPath: string;
    readonly static: boolean;
  }) => Promise<number>;
}

/** Carries out a command line. The daemon's own code is loaded by the commands that need it only. */
export async function runCli(
  words: readonly string[],
  terminal: Terminal,
  loadDaemon: () => Promise<DaemonModule>,
): Promise<number> {
  const command = parseCommand(words);
  switch (command.kind) {
    case 'help':
      terminal.out(helpText());
      return exitCodes.ok;
    case 'version':
      terminal.out(`${version}\n`);
      return exitCodes.ok;
    case 'usage':
      terminal.err(`postern: ${printable(command.message)}\nTry "postern --help".\n`);
      return exitCodes.usage;
    case 'request':
      return askDaemon(command, terminal);
    case 'check':
      return (await import('./check.ts')).checkConfig(command.file, command.json, terminal);
    case 'run':
      return (await loadDaemon()).runDaemon({ configPath: command.config });
    case 'ruleset':
      return (await loadDaemon()).printRuleset({ configPath: command.config, static: command.static });
    case 'replay':
      return (await loadDaemon()).replayFile({ path: command.file, json: command.json });
  }
}
