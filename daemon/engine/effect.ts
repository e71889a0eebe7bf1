import type { DeviceKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';
import type { Answer } from '../control/request.ts';
import type { DesiredRuleset } from '../enforcement/desired.ts';
import type { Seen } from '../history/seen.ts';
import type { EventDocument } from './documents.ts';

/** Everything the engine can ask of the world. main.ts carries it out; nothing here waits. */
export type Effect =
  /** Bring the kernel's table to this, to be asked for at once; a later one replaces one that still waits. A replay asks for none. */
  | { readonly type: 'apply'; readonly ruleset: () => DesiredRuleset }
  /** See that nothing of the device moves any more (of `flows`, by key, where given: it may go on at its relays), delete offloaded flows, and report `verified`. */
  | {
      readonly type: 'verify';
      readonly device: DeviceKey;
      readonly addresses: readonly string[];
      readonly flows?: readonly string[];
      /** Not the first look: its addresses of then may be somebody else's. */
      readonly again?: true;
      /** Nothing of it may go on, mail or not. */
      readonly everything?: true;
    }
  /** Ask the neighbour table and leases again, after `afterMs`. */
  | { readonly type: 'identify'; readonly afterMs: number }
  /** Look in the firewall's rules for ways from outside to these addresses of the device. */
  | { readonly type: 'doors'; readonly device: DeviceKey; readonly addresses: readonly string[] }
  /** Say whether the links outwards are up, and read the counter of what arrives there. */
  | { readonly type: 'upstream' }
  /** Ask the router's resolver something that only somebody outside can answer; the answer is for the counter alone. */
  | { readonly type: 'probe' }
  /** Read the dynamic sets; what was read for another purpose at most `maxAgeMs` ago will do. */
  | {
      readonly type: 'read';
      readonly sets: readonly ('ledger' | 'attempts' | 'overruns')[];
      readonly maxAgeMs: number;
    }
  /** List live mail flows of these ports; `all`: also those that no handshake completed, which costs more. */
  | { readonly type: 'list'; readonly ports: readonly MailPort[]; readonly all: boolean }
  /** Ask the configured blocklists for the home's own addresses. */
  | { readonly type: 'look_up' }
  /** Learn the addresses of these host names of configured relays. */
  | { readonly type: 'resolve'; readonly hosts: readonly string[] }
  /** The status changed; `statusDocument` of views.ts shows it. */
  | { readonly type: 'status' }
  /** The device changed, or was forgotten; `deviceDocumentOf` of views.ts shows it. */
  | { readonly type: 'device'; readonly key: DeviceKey }
  /** What a device did with mail, for the history. */
  | { readonly type: 'mail'; readonly seen: Seen }
  /** A person repaired the device: the history says whether it stays clean for so long. */
  | { readonly type: 'watch'; readonly key: DeviceKey; readonly durationMs: number }
  | { readonly type: 'event'; readonly document: EventDocument }
  | { readonly type: 'reply'; readonly replyTo: number; readonly answer: Answer }
  /** The state changed in a way that should outlive a crash. `urgent`: a ban began or ended. */
  | { readonly type: 'persist'; readonly urgent: boolean }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly text: string };
