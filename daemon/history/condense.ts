import { chainOf, type DeviceRows, endOf, relink } from './device-rows.ts';
import type { RowPool } from './row-pool.ts';
import { type Row, type Tier, tierMinutes } from './seen.ts';
import { isSameAddress } from './short-address.ts';

/** Enough room for once: a device that goes on is not condensed again at its next connection. */
const share = 8;

/**
 * Makes room at the expense of one device: the older half of its rows become counts of hours, else of days; where that
 * makes none, its oldest rows go and are counted as gone. No connection is lost without being counted.
 */
export function condense(pool: RowPool, device: DeviceRows): void {
  const wanted = Math.max(1, Math.floor(device.rows / share));
  const before = device.rows;
  for (const tier of [1, 2] as const) {
    coarsen(pool, device, tier);
    if (before - device.rows >= wanted) return;
  }
  if (before - device.rows < wanted) drop(pool, device, wanted - (before - device.rows));
}

const sorted = (pool: RowPool, device: DeviceRows) =>
  [...chainOf(pool, device)].reverse().sort((a, b) => pool.minuteOf(a) - pool.minuteOf(b));

/** The older half of the rows, as one row a span and port; the server stays where it was only one. */
function coarsen(pool: RowPool, device: DeviceRows, tier: Tier): void {
  const all = sorted(pool, device);
  const half = Math.ceil(all.length / 2);
  const merged = new Map<string, Row>();
  const kept: number[] = [];
  for (const at of all.slice(0, half)) {
    const row = pool.read(at);
    if (row.tier > tier) {
      kept.push(at);
      continue;
    }
    const minute = row.minute - (row.minute % tierMinutes[tier]);
    const id = `${minute} ${row.port}`;
    const other = merged.get(id);
    merged.set(id, other ? sumOf(other, row) : { ...row, minute, tier });
    pool.release(at);
  }
  const made = [...merged.values()].map((row) => pool.make(row, 0, false));
  const older = [...kept, ...made].sort((a, b) => pool.minuteOf(a) - pool.minuteOf(b));
  relink(pool, device, [...older, ...all.slice(half)]);
}

function sumOf(a: Row, b: Row): Row {
  return {
    ...a,
    address: isSameAddress(a.address, b.address) ? a.address : undefined,
    connections: a.connections + b.connections,
    refused: a.refused + b.refused,
    messages: a.messages + b.messages,
    delivered: a.delivered + b.delivered,
  };
}

function drop(pool: RowPool, device: DeviceRows, count: number): void {
  const all = sorted(pool, device);
  for (const at of all.splice(0, count)) {
    const row = pool.read(at);
    device.gone += row.connections + row.refused;
    device.goneTo = Math.max(device.goneTo, endOf(row));
    pool.release(at);
  }
  relink(pool, device, all);
}
