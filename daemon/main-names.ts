import { readSuffixes } from './main-data.ts';
import type { Names, Running } from './main-running.ts';
import { createNameBook, type NameBook } from './names/name-book.ts';
import { naming } from './names/naming.ts';
import { createReplyReader, type Reply } from './names/replies.ts';
import { monotonicMs } from './system/clock.ts';
import { type FollowedLog, followLog } from './system/follow-log.ts';

/** The same name is told again after so long. */
const tellAgainMs = 3_600_000;

/**
 * Follows the router's DNS log where the owner names one. A file of its own beside the bundle, since most homes need neither
 * it nor its 41 KB of public suffixes. What a household looks up stays in here, in a bounded book: the
 * engine, and a recording of its inputs, only learn of servers that are mailed to.
 */
export function openNames(running: Running): Names {
  const { dispatch } = running;
  const registrableDomain = readSuffixes();
  let nameOf = naming(running.state.config, running.state.providers, registrableDomain);
  let hosts = new Set<string>();
  let book: NameBook = createNameBook();
  let log: FollowedLog | undefined;
  let path: string | undefined;

  function take({ names, address }: Reply): void {
    book.note(address, nameOf(names), monotonicMs());
    // A relay's new address is open to its device before its first packet, and not only when we ask next.
    for (const host of names)
      if (hosts.has(host) && !running.state.resolved.get(host)?.has(address))
        dispatch({ type: 'resolved', host, addresses: [address] });
  }

  function follow(next: string | undefined): void {
    if (next === path) return;
    path = next;
    log?.stop();
    log = undefined;
    if (next === undefined) {
      dispatch({ type: 'condition', reason: 'no_dns_log', on: false });
      return;
    }
    const reader = createReplyReader();
    log = followLog(next, {
      text: (text) => reader.push(text, take),
      trouble(detail) {
        dispatch({
          type: 'condition',
          reason: 'no_dns_log',
          on: detail !== undefined,
          ...(detail && { detail }),
        });
      },
    });
  }

  return {
    before(servers) {
      const nowMs = monotonicMs();
      for (const address of servers) {
        const entry = book.find(address, nowMs);
        if (!entry || nowMs - entry.toldMs < tellAgainMs) continue;
        entry.toldMs = nowMs;
        dispatch({ type: 'named', addresses: [address], named: entry.named });
      }
    },
    resolved(host, addresses) {
      const nowMs = monotonicMs();
      for (const address of addresses) book.note(address, nameOf([host]), nowMs);
    },
    configure(config) {
      hosts = new Set(config.devices.flatMap(({ relays }) => relays.flatMap(({ host }) => host ?? [])));
      nameOf = naming(config, running.state.providers, registrableDomain);
      // What earlier words of the owner made of names holds no longer.
      book = createNameBook();
      follow(config.dnsLog);
    },
    stop: () => follow(undefined),
  };
}
