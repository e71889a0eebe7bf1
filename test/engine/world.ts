import { keyOfMac } from '../../daemon/address/device-key.ts';
import { type Mac, parseMac } from '../../daemon/address/mac.ts';
import { parsePrefix } from '../../daemon/address/prefix.ts';
import type { Config, Network } from '../../daemon/config/config.ts';
import type { FlowEvent, MailPort } from '../../daemon/conntrack/flow.ts';
import type { Answer, Verb } from '../../daemon/control/request.ts';
import type { DesiredRuleset } from '../../daemon/enforcement/desired.ts';
import type { Effect } from '../../daemon/engine/effect.ts';
import type { Input, RequestOrigin, StampedInput } from '../../daemon/engine/input.ts';
import { newState, type State } from '../../daemon/engine/state.ts';
import { step } from '../../daemon/engine/step.ts';
import { data } from '../detection/provider-data.ts';

export const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  if (!parsed) throw new Error(text);
  return parsed;
};

export const mac = (text: string): Mac => {
  const parsed = parseMac(text);
  if (!parsed) throw new Error(text);
  return parsed;
};

const network = (
  name: string,
  role: Network['role'],
  link: string,
  addresses: string[],
  nets: string[],
): Network => ({
  name,
  role,
  interfaces: [link],
  addresses,
  prefixes: nets.map(prefix),
});

export const networks: readonly Network[] = [
  network('lan', 'guard', 'br-lan', ['192.168.1.1', '2001:db8:1::1'], ['192.168.1.0/24', '2001:db8:1::/64']),
  { ...network('vpn', 'guard', 'wg0', ['10.8.0.1'], ['10.8.0.0/24']), ethernet: false },
  network('wan', 'upstream', 'wan', ['203.0.113.2'], ['203.0.113.0/24']),
];

/** A checked configuration with defaults. */
export function config(changes: Partial<Config> = {}): Config {
  return {
    enabled: true,
    mode: 'guard',
    preset: 'normal',
    node: 'home-1a2b3c',
    lowmem: false,
    refuse: 'reset',
    maxBans: 5,
    logLevel: 'info',
    report: true,
    dataDir: '/nowhere',
    runDir: '/nowhere',
    leaseFiles: [],
    mailDomains: [],
    blocklists: [],
    mqtt: {
      enabled: false,
      url: '',
      insecure: false,
      base: 'postern',
      discovery: '',
      mergeDevices: false,
      commands: 'off',
    },
    networks,
    devices: [],
    staticNames: [],
    ...changes,
  };
}

export const tv = { mac: mac('44:65:0d:5e:10:02'), address: '192.168.1.21', address6: '2001:db8:1::21' };
export const laptop = { mac: mac('a4:c3:f0:5e:10:03'), address: '192.168.1.22', address6: '2001:db8:1::22' };
export const keyOf = (device: { mac: Mac }) => keyOfMac(device.mac);

/** Servers in as many different /16. */
export const servers = Array.from({ length: 60 }, (_, index) => `${11 + index}.40.7.25`);

export const startWallMs = Date.UTC(2026, 10, 21, 14, 0, 0);

/** An engine with a clock of its own, and everything that it asked for. */
export interface World {
  state: State;
  nowMs: number;
  readonly effects: Effect[];
  readonly inputs: StampedInput[];
  give(input: Input): Effect[];
  /** Lets time pass in ticks of a second. */
  pass(ms: number): void;
  /** A new connection. Returns what followed. */
  open(src: string, dst: string, port?: MailPort, changes?: Partial<FlowEvent>): FlowEvent;
  ask(verb: Verb, args?: Record<string, string | number | boolean>, origin?: RequestOrigin): Answer;
  /** Leases and neighbours as the daemon reads them every minute: after a jump in time they would be stale. */
  refresh(): void;
  /** What the kernel was told last. */
  ruleset(): DesiredRuleset | undefined;
  events(): string[];
}

/** A home with the two devices known by lease and neighbour table. */
export function world(changes: Partial<Config> = {}): World {
  const at = { nowMs: 1_000_000, wallMs: startWallMs };
  const start = config(changes);
  let sport = 40_000;
  let applied: DesiredRuleset | undefined;
  const made: World = {
    state: newState({ config: start, version: '0', ...data, at }),
    nowMs: at.nowMs,
    effects: [],
    inputs: [],
    give(input) {
      const now = { nowMs: made.nowMs, wallMs: startWallMs + made.nowMs - at.nowMs };
      made.inputs.push({ ...input, at: now });
      const outcome = step(made.state, input, now);
      made.state = outcome.state;
      made.effects.push(...outcome.effects);
      // Asked for at once, as the daemon does: a later one would show a state that the kernel was not told of.
      for (const effect of outcome.effects) if (effect.type === 'apply') applied = effect.ruleset();
      return [...outcome.effects];
    },
    pass(ms) {
      const end = made.nowMs + ms;
      while (made.nowMs < end) {
        made.nowMs = Math.min(end, made.nowMs + 1000);
        made.give({ type: 'tick' });
      }
    },
    open(src, dst, port = 25, more = {}) {
      const family = src.includes(':') ? 6 : 4;
      const flow: FlowEvent = {
        kind: 'new',
        family,
        src,
        sport: sport++,
        dst,
        dport: port,
        replied: false,
        assured: false,
        ...more,
      };
      made.give({ type: 'flow', flow });
      return flow;
    },
    ask(verb, args = {}, origin = 'socket') {
      const effects = made.give({
        type: 'request',
        request: { id: 1, do: verb, args },
        origin,
        replyTo: 7,
      });
      const reply = effects.find((effect) => effect.type === 'reply');
      if (reply?.type !== 'reply') throw new Error('no reply');
      return reply.answer;
    },
    refresh() {
      made.give({
        type: 'leases',
        leases: [tv, laptop].map(({ mac: owner, address }) => ({ mac: owner, address })),
      });
      const neighbours = [tv, laptop].flatMap(({ mac: owner, address, address6 }) =>
        [address, address6].map((one) => ({ mac: owner, address: one, interface: 'br-lan', fresh: true })),
      );
      made.give({ type: 'neighbours', neighbours });
    },
    ruleset: () => applied,
    events: () => made.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.type] : [])),
  };
  made.give({ type: 'config', config: start });
  made.give({ type: 'restore', snapshot: undefined, adopted: [] });
  made.refresh();
  made.give({ type: 'sets', reading: { ledger: [], attempts: [], overruns: [], full: [] } });
  made.give({ type: 'flows', flows: [], complete: true, ports: [25, 465, 587, 2525] });
  made.effects.length = 0;
  return made;
}

/** The document of a device, or undefined. */
export function stateOf(made: World, device: { mac: Mac }): string | undefined {
  return made.state.records.get(keyOf(device))?.ban?.hold;
}
