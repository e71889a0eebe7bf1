import { parseArgs } from 'node:util';
import { closest } from '../config/problem.ts';
import { parseLasting, parseRelay } from '../control/arguments.ts';
import type { Request, Verb } from '../control/request.ts';
import {
  type CommandName,
  type CommandSpec,
  commands,
  defaultConfigPath,
  defaultEventsPath,
  defaultHooksFolder,
  defaultSocketPath,
  type OptionName,
} from './commands.ts';
import type { Hooking } from './hooks-options.ts';
import { type Replaying, replayFault, replayingOf } from './replay-options.ts';

/** What the words on the command line ask for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly message: string }
  | {
      readonly kind: 'request';
      readonly verb: Verb;
      readonly args: Request['args'];
      readonly socket: string;
      readonly json: boolean;
    }
  | {
      readonly kind: 'notice';
      /** Where the notice is: a file, or `-` for what comes on stdin. */
      readonly file: string;
      readonly args: Request['args'];
      readonly socket: string;
      readonly json: boolean;
    }
  | { readonly kind: 'doctor'; readonly socket: string; readonly json: boolean }
  | { readonly kind: 'run'; readonly config: string }
  | { readonly kind: 'check'; readonly file: string; readonly json: boolean }
  | { readonly kind: 'ruleset'; readonly config: string; readonly static: boolean }
  | ({ readonly kind: 'hooks' } & Hooking)
  | ({ readonly kind: 'replay' } & Replaying);

type Values = Readonly<Partial<Record<OptionName | 'help' | 'version', string | boolean | string[]>>>;

const options = {
  json: { type: 'boolean' },
  socket: { type: 'string' },
  config: { type: 'string' },
  for: { type: 'string' },
  why: { type: 'boolean' },
  static: { type: 'boolean' },
  limit: { type: 'string' },
  after: { type: 'string' },
  class: { type: 'string' },
  preset: { type: 'string' },
  lan: { type: 'string', multiple: true },
  outage: { type: 'string', multiple: true },
  enforce: { type: 'boolean' },
  dir: { type: 'string' },
  test: { type: 'boolean' },
  'allow-capabilities': { type: 'boolean' },
  at: { type: 'string' },
  port: { type: 'string' },
  to: { type: 'string' },
  notice: { type: 'string' },
  'no-names': { type: 'boolean' },
  now: { type: 'boolean' },
  off: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** Reads the words after the program's name. Mistakes that need no daemon to see are found here. */
export function parseCommand(words: readonly string[]): Command {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    return usage(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'unknown option');
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [name, ...operands] = positionals;
  if (name === undefined) return usage('no command given');
  if (name === 'help') return { kind: 'help' };
  if (!isCommand(name)) {
    const meant = closest(name, Object.keys(commands));
    return usage(`there is no command "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`);
  }
  const fault = faultOf(name, operands, values);
  return fault === undefined ? commandOf(name, operands, values) : usage(fault);
}

function usage(message: string): Command {
  return { kind: 'usage', message };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function faultOf(name: CommandName, given: readonly string[], values: Values): string | undefined {
  const spec: CommandSpec = commands[name];
  const missing = spec.operands[given.length];
  if (given.length < (spec.needed ?? spec.operands.length)) return `"postern ${name}" needs ${missing}`;
  if (given.length > spec.operands.length && !spec.repeats)
    return `"${given[spec.operands.length]}" is one word too many`;
  const stranger = Object.keys(values).find((option) => !spec.options.some((known) => known === option));
  if (stranger !== undefined) return `"postern ${name}" takes no --${stranger}`;
  if (typeof values.for === 'string' && parseLasting(values.for) === undefined) {
    return `"${values.for}" is no time: write 10m, 1h, 24h, 7d or reboot`;
  }
  if (typeof values.limit === 'string' && !/^[1-9]\d{0,3}$/.test(values.limit)) {
    return `--limit must be a number from 1 to 9999`;
  }
  const relay = spec.operands[1] === undefined ? undefined : given[1];
  if (relay !== undefined && !parseRelay(relay)) {
    return `"${relay}" is no relay: write 192.0.2.7:587, 198.51.100.0/24:25 or [2001:db8::25]:465`;
  }
  if (typeof values.port === 'string' && !/^(?:25|465|587|2525)$/.test(values.port))
    return '--port must be 25, 465, 587 or 2525';
  if (name === 'who' && given.length > 0 && (values.at !== undefined || values.notice !== undefined))
    return 'give either an address, or a time or notice; "--to ADDRESS" is the server that got the mail';
  return name === 'replay' ? replayFault(values) : undefined;
}

function commandOf(name: CommandName, operands: readonly string[], values: Values): Command {
  const config = textOf(values.config) ?? defaultConfigPath;
  const json = values.json === true;
  switch (name) {
    case 'run':
      return { kind: 'run', config };
    case 'doctor':
      return { kind: 'doctor', socket: textOf(values.socket) ?? defaultSocketPath, json };
    case 'check':
      return { kind: 'check', file: operands[0] ?? config, json };
    case 'ruleset':
      return { kind: 'ruleset', config, static: values.static === true };
    case 'hooks':
      return {
        kind: 'hooks',
        folder: textOf(values.dir) ?? defaultHooksFolder,
        socket: textOf(values.socket) ?? defaultEventsPath,
        test: values.test === true,
        allowCapabilities: values['allow-capabilities'] === true,
      };
    case 'replay':
      return { kind: 'replay', ...replayingOf(operands, values) };
    case 'who':
      if (operands.length === 0 && values.at === undefined)
        return {
          kind: 'notice',
          file: textOf(values.notice) ?? '-',
          args: argumentsOf(name, operands, values),
          socket: textOf(values.socket) ?? defaultSocketPath,
          json,
        };
      return requestOf(name, operands, values);
    default:
      return requestOf(name, operands, values);
  }
}

function requestOf(verb: CommandName & Verb, operands: readonly string[], values: Values): Command {
  return {
    kind: 'request',
    verb,
    args: argumentsOf(verb, operands, values),
    socket: textOf(values.socket) ?? defaultSocketPath,
    json: values.json === true,
  };
}

/** What the protocol calls the first operand, where that is no device. */
const firstArgument: Readonly<Partial<Record<CommandName, string>>> = {
  incident: 'incident',
  evidence: 'incident',
  acknowledge: 'incident',
  who: 'address',
};

/** The request's arguments: operands by the names of the protocol, then the options that were given. */
function argumentsOf(name: CommandName, operands: readonly string[], values: Values): Request['args'] {
  const [first, relay] = operands;
  const after = textOf(values.after);
  const lasting = textOf(values.for);
  return {
    ...(first !== undefined && { [firstArgument[name] ?? 'device']: first }),
    ...(relay !== undefined && { relay }),
    ...(lasting !== undefined && { for: lasting }),
    ...(values.why === true && { why: true }),
    ...(after !== undefined && { after }),
    ...(typeof values.limit === 'string' && { limit: Number(values.limit) }),
    ...(values.now === true && { now: true }),
    ...(values.off === true && { on: false }),
    ...(name === 'test' && { hooks: true }),
    ...(values['no-names'] === true && { names: false }),
    ...(typeof values.at === 'string' && { at: values.at }),
    ...(typeof values.port === 'string' && { port: Number(values.port) }),
    ...(typeof values.to === 'string' && { to: values.to }),
  };
}

function textOf(value: Values[OptionName]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
