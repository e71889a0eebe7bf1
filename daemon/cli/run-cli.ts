import type { Config } from '../config/config.ts';
import { printable } from '../control/printable.ts';
import { version } from '../system/version.ts';
import { askDaemon, type Terminal } from './ask.ts';
import { askNotice, type NoticeModule } from './ask-notice.ts';
import { helpText } from './commands.ts';
import { doctor } from './doctor.ts';
import { exitCodes } from './exit-codes.ts';
import type { Hooking } from './hooks-options.ts';
import { parseCommand } from './parse-command.ts';
import type { Replaying } from './replay-options.ts';

/** What main.ts offers to the command line; each returns an exit code. */
export interface DaemonModule {
  readonly runDaemon: (options: { readonly configPath: string }) => Promise<number>;
  readonly printRuleset: (options: {
    readonly configPath: string;
    readonly static: boolean;
  }) => Promise<number>;
  readonly checkConfig: (file: string, json: boolean, terminal: Terminal) => number;
  readonly configIn: (file: string) => Config | undefined;
}

/** What main-replay.ts offers: code that no router needs, so it is a file of its own. */
export interface ReplayModule {
  readonly replayFiles: (options: Replaying) => Promise<number>;
}

/** What main-hooks.ts offers: a process of its own on the router, so it is a file of its own. */
export interface HooksModule {
  readonly runHooks: (options: Hooking) => Promise<number>;
}

/** The parts that are loaded by the commands that need them only. */
export interface Modules {
  readonly daemon: () => Promise<DaemonModule>;
  readonly replay: () => Promise<ReplayModule>;
  readonly hooks: () => Promise<HooksModule>;
  readonly notice: () => Promise<NoticeModule>;
}

/** Carries out a command line. */
export async function runCli(words: readonly string[], terminal: Terminal, load: Modules): Promise<number> {
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
      return await askDaemon(command, terminal);
    case 'notice': {
      const loaded = await load.notice().catch(() => undefined);
      if (loaded) return await askNotice(command, terminal, loaded);
      return missing('postern-notice.cjs', 'reads notices', terminal);
    }
    case 'doctor':
      return await doctor(command.socket, command.json, terminal, (await load.daemon()).configIn);
    case 'check':
      return (await load.daemon()).checkConfig(command.file, command.json, terminal);
    case 'run':
      return (await load.daemon()).runDaemon({ configPath: command.config });
    case 'ruleset':
      return (await load.daemon()).printRuleset({ configPath: command.config, static: command.static });
    case 'replay': {
      const { kind: _, ...replaying } = command;
      const loaded = await load.replay().catch(() => undefined);
      if (loaded) return await loaded.replayFiles(replaying);
      return missing('postern-replay.cjs', 'judges logs', terminal);
    }
    case 'hooks': {
      const { kind: _, ...hooking } = command;
      const loaded = await load.hooks().catch(() => undefined);
      if (loaded) return await loaded.runHooks(hooking);
      return missing('postern-hooks.cjs', 'runs hooks', terminal);
    }
  }
}

/** Some parts are files of their own beside the bundle, which a router may lack. */
function missing(file: string, does: string, terminal: Terminal): number {
  terminal.err(`postern: ${file} is not beside postern.cjs\nPut it there: it ${does}.\n`);
  return exitCodes.unavailable;
}
