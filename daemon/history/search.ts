import type { DeviceKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';
import { endOf } from './device-rows.ts';
import type { History } from './history.ts';
import type { Address, Row } from './seen.ts';
import { isSameAddress } from './short-address.ts';

const minuteMs = 60_000;

/** What is asked: who had mail connections then. */
export interface Asked {
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
  /** How far the time may be off, either way. */
  readonly uncertaintyMs: number;
  readonly port?: MailPort;
  /** A server, or the /64 that it is in. */
  readonly to?: Address;
}

/** How well a device fits. */
export type Confidence = 'high' | 'medium' | 'low';

/** What a device did around the time. */
export interface Found {
  readonly key: DeviceKey;
  readonly name: string;
  readonly confidence: Confidence;
  /** Its rows that fit, oldest first. */
  readonly rows: readonly Row[];
  /** Milliseconds between the time and the nearest of them. */
  readonly distanceMs: number;
  /** The times of some are only known to an hour or a day. */
  readonly isCondensed: boolean;
}

/** A clock that is a little wrong, and mail that waited: so far around the time is looked as well, with less confidence. */
export const nearMs = 15 * minuteMs;
export const farMs = 90 * minuteMs;

/** Devices with such mail connections around the time, best first. */
export function search(history: History, asked: Asked): Found[] {
  const all: Found[] = [];
  const reach = asked.uncertaintyMs + farMs;
  for (const device of history.devices.values()) {
    const fitting = history
      .rowsNear(device, (asked.atMs - reach) / minuteMs, (asked.atMs + reach) / minuteMs)
      .filter((row) => fits(row, asked) && distanceTo(row, asked.atMs) <= reach);
    if (fitting.length === 0) continue;
    const distanceMs = Math.min(...fitting.map((row) => distanceTo(row, asked.atMs)));
    // What lies far off says nothing where something lies near.
    const reachMs =
      distanceMs <= asked.uncertaintyMs
        ? asked.uncertaintyMs
        : distanceMs <= asked.uncertaintyMs + nearMs
          ? asked.uncertaintyMs + nearMs
          : Number.POSITIVE_INFINITY;
    const rows = fitting
      .filter((row) => distanceTo(row, asked.atMs) <= reachMs)
      .sort((a, b) => a.minute - b.minute);
    const isCondensed = rows.every(({ tier }) => tier > 0);
    const { key, name } = device;
    all.push({ key, name, confidence: confidenceOf(rows, distanceMs, asked), rows, distanceMs, isCondensed });
  }
  const rank = { high: 0, medium: 1, low: 2 } as const;
  all.sort(
    (a, b) => rank[a.confidence] - rank[b.confidence] || sentBy(b) - sentBy(a) || a.distanceMs - b.distanceMs,
  );
  // Where several fit as well, none is the one.
  const isAlone = all.filter(({ confidence }) => confidence === 'high').length < 2;
  return isAlone
    ? all
    : all.map((found) => (found.confidence === 'high' ? { ...found, confidence: 'medium' } : found));
}

const sentBy = ({ rows }: Pick<Found, 'rows'>) => rows.reduce((sum, row) => sum + row.messages, 0);

function fits({ port, address }: Row, asked: Asked): boolean {
  if (asked.port !== undefined && asked.port !== port) return false;
  return asked.to === undefined || address === undefined || isSameAddress(asked.to, address);
}

/** 0 within the row's span. */
function distanceTo(row: Row, atMs: number): number {
  const fromMs = row.minute * minuteMs;
  const toMs = endOf(row) * minuteMs;
  return atMs < fromMs ? fromMs - atMs : atMs >= toMs ? atMs - toMs : 0;
}

/** High: mail went through just then. Low: far off, only to a day, or all of it was refused: what was refused nobody can complain of. */
function confidenceOf(rows: readonly Row[], distanceMs: number, asked: Asked): Confidence {
  const isRefused = rows.every(({ connections, messages }) => connections + messages === 0);
  const isRough = rows.every(
    ({ tier, address }) => tier === 2 || (asked.to !== undefined && address === undefined),
  );
  if (isRefused || isRough || distanceMs > asked.uncertaintyMs + nearMs) return 'low';
  const isSharp = rows.some(({ tier, messages }) => tier === 0 && messages > 0);
  return isSharp && distanceMs <= asked.uncertaintyMs ? 'high' : 'medium';
}
