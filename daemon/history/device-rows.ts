import type { DeviceKey } from '../address/device-key.ts';
import { noRow, type RowPool } from './row-pool.ts';
import { type Row, tierMinutes } from './seen.ts';

/** One device in the history: the newest row of its chain, and what is known of the whole. */
export interface DeviceRows {
  readonly key: DeviceKey;
  /** How people knew it when it was seen last. */
  name: string;
  newest: number;
  rows: number;
  /** First and last minutes seen. */
  first: number;
  last: number;
  /** Mail of it went through. */
  delivered: boolean;
  /** Connections whose rows had to go before they were 30 days old, and the end of the last of them. */
  gone: number;
  goneTo: number;
}

/** A device of which nothing is known yet. */
export function newDeviceRows(key: DeviceKey, minute: number): DeviceRows {
  return {
    key,
    name: '',
    newest: noRow,
    rows: 0,
    first: minute,
    last: minute,
    delivered: false,
    gone: 0,
    goneTo: 0,
  };
}

/** The rows of the device, the latest noted first. */
export function* chainOf(pool: RowPool, { newest }: Pick<DeviceRows, 'newest'>): Generator<number> {
  for (let at = newest; at !== noRow; ) {
    const before = pool.before(at);
    yield at;
    at = before;
  }
}

/** Makes these the rows of the device, oldest first. */
export function relink(pool: RowPool, device: DeviceRows, rows: readonly number[]): void {
  let before = noRow;
  for (const at of rows) {
    pool.link(at, before);
    before = at;
  }
  device.newest = before;
  device.rows = rows.length;
}

/** Takes away the rows that ended before the minute. */
export function forgetBefore(pool: RowPool, device: DeviceRows, minute: number): void {
  const kept: number[] = [];
  for (const at of chainOf(pool, device)) {
    if (endOf(pool.read(at)) > minute) kept.push(at);
    else pool.release(at);
  }
  if (kept.length < device.rows) relink(pool, device, kept.reverse());
}

/** The first minute after the row's span. */
export function endOf({ minute, tier }: Pick<Row, 'minute' | 'tier'>): number {
  return minute + tierMinutes[tier];
}
