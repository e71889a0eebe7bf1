import { formatPrefix, type Prefix, parsePrefix } from '../address/prefix.ts';
import { mailPorts } from '../conntrack/flow.ts';
import type { Omission } from './checked.ts';
import type { AllowedRelay } from './desired.ts';
import { partOf } from './key-part.ts';
import { pairOf } from './kinds.ts';
import { remembered } from './memo.ts';
import { outermost } from './outermost.ts';
import { bounds } from './sets.ts';
import type { Element } from './table.ts';

interface ParsedPrefix extends Prefix {
  readonly text: string;
  readonly isSingle: boolean;
}

const prefixIn = remembered((given): ParsedPrefix | undefined => {
  const prefix = parsePrefix(given);
  const isSingle = prefix?.length === (prefix?.family === 4 ? 32 : 128);
  return prefix && { ...prefix, text: formatPrefix(prefix), isSingle };
}, 8192);

/** Puts an element into a set unless it is there or the set is at its bound. */
export type Put = (set: string, bound: number, parts: Element['parts'], endMs?: number) => void;

/**
 * Single addresses go to hash sets; prefixes to interval sets, where one inside another of the same device and port is
 * left out (the kernel holds one of them only) until the outer one has gone.
 */
export function putRelays(
  relays: readonly AllowedRelay[],
  providers: ReadonlySet<string>,
  put: Put,
  omit: (omission: Omission) => void,
): void {
  const nets = new Map<string, (ParsedPrefix & { relay: AllowedRelay; set: string; part: string })[]>();
  let count = 0;
  for (const relay of relays) {
    const device = partOf(relay.key);
    if (!device || !mailPorts.includes(relay.port)) {
      omit({ why: 'bad-element', subject: relay.key });
      continue;
    }
    if (++count > bounds.relays) {
      omit({ why: 'too-many', subject: 'relays' });
      break;
    }
    const { kind, part } = device;
    if ('provider' in relay.to) {
      if (!providers.has(relay.to.provider)) omit({ why: 'bad-provider', subject: relay.to.provider });
      else put(`users_${relay.to.provider}_${kind}`, bounds.users, [part, relay.port], relay.endMs);
      continue;
    }
    const prefix = prefixIn(relay.to.prefix);
    const pair = prefix && pairOf(kind, prefix.family);
    if (!prefix || !pair) {
      omit({ why: prefix ? 'bad-element' : 'bad-prefix', subject: relay.to.prefix });
    } else if (prefix.isSingle) {
      put(`relays_${pair.name}`, bounds.relays, [part, prefix.text, relay.port], relay.endMs);
    } else {
      const group = `${part} ${relay.port}`;
      const list = nets.get(group) ?? [];
      list.push({ ...prefix, relay, set: `relay_nets_${pair.name}`, part });
      nets.set(group, list);
    }
  }
  for (const list of nets.values()) {
    for (const net of outermost(list)) {
      put(net.set, bounds.relayNets, [net.part, net.text, net.relay.port], net.relay.endMs);
    }
  }
}
