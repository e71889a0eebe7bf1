/** Options that commands share; each command names those it takes. */
export type OptionName =
  | 'json'
  | 'socket'
  | 'config'
  | 'for'
  | 'why'
  | 'static'
  | 'limit'
  | 'after'
  | 'class'
  | 'preset'
  | 'lan'
  | 'outage'
  | 'enforce'
  | 'dir'
  | 'test'
  | 'allow-capabilities'
  | 'at'
  | 'port'
  | 'to'
  | 'notice'
  | 'no-names'
  | 'now'
  | 'off';

/** One command of the command line, as its help shows it. */
export interface CommandSpec {
  /** What follows the command's name, required parts in capitals. */
  readonly operands: readonly string[];
  /** How many of the operands must be given; all unless said. */
  readonly needed?: number;
  /** The last operand may come more than once. */
  readonly repeats?: true;
  readonly options: readonly OptionName[];
  readonly help: string;
}

const asking = ['json', 'socket'] as const satisfies readonly OptionName[];

/** Every command. All but doctor, run, check, ruleset, hooks and replay are requests to the running daemon. */
export const commands = {
  status: { operands: [], options: asking, help: 'how the guard is' },
  devices: { operands: [], options: [...asking, 'after', 'limit'], help: 'devices that send mail' },
  device: { operands: ['DEVICE'], options: [...asking, 'why'], help: 'one device; --why shows its evidence' },
  incidents: { operands: [], options: [...asking, 'after', 'limit'], help: 'incidents, newest first' },
  incident: { operands: ['ID'], options: asking, help: 'the story of one incident' },
  acknowledge: { operands: ['ID'], options: asking, help: 'note that you have seen an incident' },
  evidence: {
    operands: ['ID'],
    options: [...asking, 'no-names'],
    help: 'a paper about one incident, to hand on (--no-names: without names)',
  },
  who: {
    operands: ['[ADDRESS]'],
    needed: 0,
    options: [...asking, 'at', 'port', 'to', 'notice'],
    help: 'which device mailed at a time (--at, or a notice on stdin), or has an address',
  },
  history: {
    operands: ['[DEVICE]'],
    needed: 0,
    options: asking,
    help: 'mail by the hour: of the home for 7 days, of a device for one',
  },
  blocklists: {
    operands: [],
    options: [...asking, 'now'],
    help: 'whether our own address is listed (--now: ask the lists again)',
  },
  slow: { operands: ['DEVICE'], options: [...asking, 'for'], help: 'slow its mail down' },
  restrict: { operands: ['DEVICE'], options: [...asking, 'for'], help: 'let it use its known relays only' },
  block: { operands: ['DEVICE'], options: [...asking, 'for'], help: 'stop all its mail' },
  quarantine: { operands: ['DEVICE'], options: [...asking, 'for'], help: 'let nothing of it leave the home' },
  release: {
    operands: ['DEVICE'],
    options: [...asking, 'for'],
    help: 'end what holds it (for 1h unless said)',
  },
  allow: {
    operands: ['DEVICE', 'RELAY:PORT'],
    options: [...asking, 'for'],
    help: 'let it use one relay, e.g. 192.0.2.7:587',
  },
  disallow: { operands: ['DEVICE', 'RELAY:PORT'], options: asking, help: 'end what "allow" allowed' },
  watch: {
    operands: ['DEVICE'],
    options: [...asking, 'for'],
    help: 'after a repair: look closely at it (for 1d unless said), and tell what came of it',
  },
  pin: {
    operands: ['DEVICE'],
    options: [...asking, 'off'],
    help: 'keep it though it does not mail for long (--off: no longer)',
  },
  forget: { operands: ['DEVICE'], options: asking, help: 'forget it, and end what holds or allows it' },
  pause: { operands: [], options: [...asking, 'for'], help: 'stop guarding for a time (1h unless said)' },
  resume: { operands: [], options: asking, help: 'guard again' },
  report: { operands: [], options: asking, help: 'the last seven days' },
  test: { operands: [], options: asking, help: 'send a test alert, and tell what came of it on each road' },
  'mqtt-clean': { operands: [], options: asking, help: 'take everything off the MQTT broker' },
  doctor: { operands: [], options: asking, help: 'look at what Postern depends on' },
  run: { operands: [], options: ['config'], help: 'run the daemon' },
  check: { operands: ['[FILE]'], needed: 0, options: ['config', 'json'], help: 'check a configuration' },
  ruleset: {
    operands: [],
    options: ['config', 'static'],
    help: 'print the firewall table (--static: as saved)',
  },
  hooks: {
    operands: [],
    options: ['dir', 'socket', 'test', 'allow-capabilities'],
    help: 'run hooks on events (--test: each once, now)',
  },
  replay: {
    operands: ['FILE...'],
    repeats: true,
    options: ['json', 'class', 'preset', 'lan', 'outage', 'enforce'],
    help: 'judge logs of flows, or replay a recording',
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof commands;

export const defaultConfigPath = '/var/run/postern/config.json';
export const defaultSocketPath = '/var/run/postern/postern.sock';
export const defaultEventsPath = '/var/run/postern/events/postern.sock';
export const defaultHooksFolder = '/etc/postern/hooks.d';

/** The text of --help. */
export function helpText(): string {
  const entries = Object.entries<CommandSpec>(commands);
  const heads = entries.map(([name, { operands }]) => [name, ...operands].join(' '));
  const width = Math.max(...heads.map((head) => head.length));
  const lines = entries.map(([, { help }], index) => `  ${(heads[index] ?? '').padEnd(width)}  ${help}`);
  return `Postern guards the mail that leaves a home.

usage: postern COMMAND [OPTION ...]

${lines.join('\n')}

DEVICE is a key, a MAC, an address or a name.

  --for TIME     10m, 1h, 24h, 7d or reboot (how long block, release, allow ... last)
  --json         for programs: one JSON document
  --at TIME, --port N, --to ADDRESS
                 who: when, to which port and mail server; --notice FILE: what your provider wrote
  --limit N, --after KEY     one page of a list
  --socket PATH  the daemon's socket (${defaultSocketPath};
                 hooks: ${defaultEventsPath})
  --config PATH  the configuration (${defaultConfigPath})
  --dir PATH     hooks: their folder (${defaultHooksFolder})
  --allow-capabilities       hooks: also as root
  --class CLASS, --preset PRESET, --lan PREFIX, --outage FROM/TO, --enforce
                 replay: what the devices are (iot, appliance, unknown, computer, mailserver), how
                 soon they are held (relaxed, normal, strict), who is at home and when the line was down
                 (both may be repeated), and whether what the guard refuses gets through
  --version, --help

exit codes: 0 done, 1 the daemon refused, 2 wrong usage, 69 the daemon cannot be reached,
            70 a fault of Postern itself, 78 mistakes in the configuration
`;
}
