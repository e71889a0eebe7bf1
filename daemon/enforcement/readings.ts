import { type DeviceKey, keyOfAddress, keyOfMac, routerKey } from '../address/device-key.ts';
import { parseMac } from '../address/mac.ts';
import { type MailPort, mailPorts } from '../conntrack/flow.ts';
import { type ListedElement, type ListedObject, type ListedSet, setsAmong } from './listing.ts';
import type { AttemptRow, LedgerRow, OverrunRow, SetReading } from './reading.ts';
import { type Hold, holds } from './sets.ts';

/** Packets of one held device that its ban's set refused, since the element was made. */
export interface HitRow {
  readonly key: DeviceKey;
  readonly hold: Hold;
  readonly packets: number;
}

/** A reading, with the hits of the bans that were listed and the number of elements nobody could read. */
export interface FullReading extends SetReading {
  readonly hits: readonly HitRow[];
  readonly dropped: number;
}

const ledgerName = /^ledger_(?:new_)?(?:mac|ip)[46]_(\w+)$/;
const routerName = /^ledger_router[46]$/;
const attemptsName = /^attempts_/;
const overrunsName = /^overruns_/;
const holdName = new RegExp(`^(${holds.join('|')})_`);

/** Reads the sets among listed objects; those that are not of the kinds `which` are passed over. */
export function readingFrom(objects: readonly ListedObject[], which: readonly ReadingKind[]): FullReading {
  const { sets, dropped } = setsAmong(objects);
  const ledger: LedgerRow[] = [];
  const attempts: AttemptRow[] = [];
  const overruns: OverrunRow[] = [];
  const hits: HitRow[] = [];
  const full: string[] = [];
  let unread = dropped;
  const collect = <T>(
    rows: T[],
    { elements }: ListedSet,
    read: (element: ListedElement) => T | undefined,
  ) => {
    for (const element of elements) {
      const row = read(element);
      if (row === undefined) unread++;
      else rows.push(row);
    }
  };
  for (const set of sets.values()) {
    const { name } = set;
    const network = ledgerName.exec(name)?.[1];
    const hold = holdName.exec(name)?.[1];
    if (network !== undefined) collect(ledger, set, (element) => ledgerRow(element, network));
    else if (routerName.test(name)) collect(ledger, set, routerRow);
    else if (attemptsName.test(name)) collect(attempts, set, attemptRow);
    else if (overrunsName.test(name)) collect(overruns, set, overrunRow);
    else if (hold !== undefined) collect(hits, set, (element) => hitRow(element, hold as Hold));
    if (set.size !== undefined && set.elements.length >= set.size) full.push(name);
  }
  return { ...(which.includes('ledger') && { ledger }), attempts, overruns, hits, full, dropped: unread };
}

function deviceOf(part: string | number | undefined): DeviceKey | undefined {
  if (typeof part !== 'string') return undefined;
  const mac = parseMac(part);
  return mac ? keyOfMac(mac) : keyOfAddress(part);
}

function portOf(part: string | number | undefined): MailPort | undefined {
  return mailPorts.find((port) => port === part);
}

/** `mac . source . port`, or `source . port`. */
function ledgerRow({ parts, packets }: ListedElement, network: string): LedgerRow | undefined {
  const key = deviceOf(parts[0]);
  const src = parts.at(-2);
  const port = portOf(parts.at(-1));
  if (key === undefined || typeof src !== 'string' || port === undefined) return undefined;
  return { network, key, src, port, connections: packets ?? 0 };
}

function routerRow({ parts: [src, last], packets }: ListedElement): LedgerRow | undefined {
  const port = portOf(last);
  if (typeof src !== 'string' || port === undefined) return undefined;
  return { network: routerKey, key: routerKey, src, port, connections: packets ?? 0 };
}

/** `device . destination . port`. */
function attemptRow({ parts: [device, dst, last], packets }: ListedElement): AttemptRow | undefined {
  const key = deviceOf(device);
  const port = portOf(last);
  if (key === undefined || typeof dst !== 'string' || port === undefined) return undefined;
  return { key, dst, port, attempts: packets ?? 0 };
}

function overrunRow({ parts: [device], packets }: ListedElement): OverrunRow | undefined {
  const key = deviceOf(device);
  return key === undefined ? undefined : { key, packets: packets ?? 0 };
}

function hitRow({ parts: [device], packets }: ListedElement, hold: Hold): HitRow | undefined {
  const key = deviceOf(device);
  return key === undefined ? undefined : { key, hold, packets: packets ?? 0 };
}

const pairNames = ['mac4', 'mac6', 'ip4', 'ip6'] as const;
const kindNames = ['mac', 'ip4', 'ip6'] as const;

/** Kinds of readings a caller may ask for. */
export type ReadingKind = 'ledger' | 'attempts' | 'overruns' | 'hits';

/** The sets behind a kind of reading, in order of weight; `networks` are the names of the guarded ones. */
export function setsOfReading(kind: ReadingKind, networks: readonly string[]): string[] {
  const both = (name: string, of: readonly string[]) =>
    ['', 'new_'].flatMap((who) => of.map((k) => `${name}_${who}${k}`));
  switch (kind) {
    case 'ledger': {
      const own = networks.flatMap((network) =>
        both('ledger', pairNames).map((name) => `${name}_${network}`),
      );
      return [...own, 'ledger_router4', 'ledger_router6'];
    }
    case 'attempts':
      return both('attempts', pairNames);
    case 'overruns':
      return both('overruns', kindNames);
    case 'hits':
      return (['blocked', 'restricted', 'quarantined', 'strict'] as const).flatMap((hold) =>
        kindNames.map((k) => `${hold}_${k}`),
      );
  }
}
