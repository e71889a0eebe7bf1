import type { DeviceKey } from '../address/device-key.ts';
import { condense } from './condense.ts';
import { chainOf, type DeviceRows, forgetBefore, newDeviceRows, relink } from './device-rows.ts';
import { RowPool } from './row-pool.ts';
import { type Row, type Seen, tierMinutes } from './seen.ts';
import { shortAddress } from './short-address.ts';
import { type Instant, isPlausible, minuteOf, type Timeline } from './timeline.ts';

/** Devices told apart. Who comes when there are as many takes the place of the one that is worth least, whose counts stay. */
export const maxDevices = 512;
/** Servers of one device that are told apart in one minute; further ones share a row for each port. */
export const serversPerMinute = 32;
/** Of it so many rows are looked through: those of several servers are four more. */
const searched = serversPerMinute + 4;
/** Rows are kept for so long. */
export const keptDays = 30;
const keptMinutes = keptDays * 1440;
/** Minutes of which a row may speak. */
const longestSpan = tierMinutes[2];
/** The key under which those count that were not told apart. */
export const strangersKey = '' as DeviceKey;

/**
 * Who had which mail connections when, for 30 days, in at most {@link maxRows} rows. Fair: when it is full, the device with the
 * most rows has its own condensed, so that one with fewer than a 512th of all keeps every minute whatever others do.
 */
export class History {
  readonly pool = new RowPool();
  /** At most {@link maxDevices}, and the strangers. */
  readonly devices = new Map<DeviceKey, DeviceRows>();
  readonly timeline: Timeline;
  /** Connections that had to go because nobody knew the time. */
  unplaced = 0;
  #changed = false;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Whether something was noted since it was last written. */
  hasNews(): boolean {
    return this.#changed;
  }

  /** It is written, or was not after all. */
  written(isWritten: boolean): void {
    this.#changed = !isWritten;
  }

  /** Takes in what was seen. */
  note(seen: Seen, at: Instant): void {
    this.tick(at);
    const minute = minuteOf(at.wallMs);
    const device = this.#deviceOf(seen.key, minute);
    device.last = Math.max(device.last, minute);
    if ((seen.delivered ?? 0) > 0) device.delivered = true;
    this.#count(device, minute, seen);
    this.#changed = true;
  }

  /** Lets time pass: moves what was noted before the clock was set. */
  tick(at: Instant): void {
    const moved = this.timeline.tick(at);
    if (moved !== 0) this.#move(moved);
  }

  /** Forgets what is older than 30 days, and what has no time although the clock is set. Not while the clock is unsure. */
  sweep(): void {
    if (this.timeline.isUnsure) return;
    const oldest = this.timeline.minute - keptMinutes;
    for (const [key, device] of this.devices) {
      this.#dropUnplaced(device);
      forgetBefore(this.pool, device, oldest);
      for (const at of chainOf(this.pool, device)) this.pool.settle(at);
      if (device.goneTo > 0 && device.goneTo <= oldest) device.gone = 0;
      if (device.rows === 0) this.devices.delete(key);
    }
  }

  /** The rows of a device, oldest noted first. */
  rowsOf(device: DeviceRows): Row[] {
    return [...chainOf(this.pool, device)].map((at) => this.pool.read(at)).reverse();
  }

  /** Those of which the spans may touch these minutes, in any order. */
  rowsNear({ newest }: DeviceRows, from: number, to: number): Row[] {
    return this.pool.within(newest, from - longestSpan, to);
  }

  /** Puts back a row of a file. */
  restore(device: DeviceRows, row: Row): void {
    this.#add(device, row, false);
  }

  /** Condenses the device with the most rows once: for whoever has less room than memory. */
  shrink(): void {
    const most = this.#largest();
    if (most) condense(this.pool, most);
  }

  #count(device: DeviceRows, minute: number, seen: Seen): void {
    const { pool } = this;
    const { port, connections = 0, delivered = 0, messages = 0, refused = 0 } = seen;
    const counts = { connections, delivered, messages, refused };
    const address = device.key === strangersKey ? undefined : shortAddress(seen.address);
    let several: number | undefined;
    let rows = 0;
    for (const at of chainOf(pool, device)) {
      if (rows >= searched || pool.minuteOf(at) !== minute) break;
      rows++;
      if (pool.is(at, minute, port, address)) {
        pool.add(at, counts);
        return;
      }
      if (pool.is(at, minute, port, undefined)) several = at;
    }
    if (rows < serversPerMinute)
      this.#add(device, { minute, tier: 0, port, address, ...counts }, this.timeline.isUnsure);
    else if (several !== undefined) pool.add(several, counts);
    else this.#add(device, { minute, tier: 0, port, address: undefined, ...counts }, this.timeline.isUnsure);
  }

  #add(device: DeviceRows, row: Row, unsure: boolean): void {
    while (this.pool.isFull) {
      const most = this.#largest();
      if (!most) return;
      condense(this.pool, most);
    }
    device.newest = this.pool.make(row, device.newest, unsure);
    device.rows++;
  }

  #largest(): DeviceRows | undefined {
    let most: DeviceRows | undefined;
    for (const device of this.devices.values()) if (!most || device.rows > most.rows) most = device;
    return most;
  }

  /** The device's rows, begun where there are none. */
  #deviceOf(key: DeviceKey, minute: number): DeviceRows {
    const known = this.devices.get(key);
    if (known) return known;
    const device = newDeviceRows(key, minute);
    if (key !== strangersKey && this.devices.size >= maxDevices) this.#evict();
    this.devices.set(key, device);
    return device;
  }

  /** One device makes place. What it did counts among the strangers': ten thousand invented devices push out each other. */
  #evict(): void {
    let victim: DeviceRows | undefined;
    for (const device of this.devices.values()) {
      if (device.key === strangersKey) continue;
      if (!victim || worthOf(device) < worthOf(victim)) victim = device;
    }
    if (!victim) return;
    this.devices.delete(victim.key);
    const strangers = this.#deviceOf(strangersKey, victim.first);
    strangers.last = Math.max(strangers.last, victim.last);
    strangers.first = Math.min(strangers.first, victim.first);
    strangers.gone += victim.gone;
    strangers.goneTo = Math.max(strangers.goneTo, victim.goneTo);
    const rows = this.rowsOf(victim);
    for (const at of chainOf(this.pool, victim)) this.pool.release(at);
    for (const row of rows) this.#addToStrangers(strangers, row);
  }

  #addToStrangers(strangers: DeviceRows, { port, ...row }: Row): void {
    const minute = row.tier === 0 ? row.minute - (row.minute % 60) : row.minute;
    const tier = row.tier === 0 ? 1 : row.tier;
    let looked = 0;
    for (const at of chainOf(this.pool, strangers)) {
      if (++looked > searched) break;
      const there = this.pool.read(at);
      if (there.minute !== minute || there.tier !== tier || there.port !== port) continue;
      this.pool.add(at, row);
      return;
    }
    this.#add(strangers, { ...row, minute, tier, port, address: undefined }, false);
  }

  #move(minutes: number): void {
    for (const device of this.devices.values()) {
      for (const at of chainOf(this.pool, device)) this.pool.shift(at, minutes);
      if (!isPlausible(device.first)) device.first = Math.max(0, device.first + minutes);
      if (!isPlausible(device.last)) device.last = Math.max(0, device.last + minutes);
    }
    this.#changed = true;
  }

  #dropUnplaced(device: DeviceRows): void {
    const kept: number[] = [];
    for (const at of chainOf(this.pool, device)) {
      if (isPlausible(this.pool.minuteOf(at))) kept.push(at);
      else {
        const row = this.pool.read(at);
        this.unplaced += row.connections + row.refused;
        this.pool.release(at);
      }
    }
    if (kept.length < device.rows) relink(this.pool, device, kept.reverse());
  }
}

/** Mail that went through, then how long it has been here: what an invented device lacks. The oldest of equals comes first. */
function worthOf({ delivered, first, last }: DeviceRows): number {
  return (delivered ? 1e9 : 0) + (last - first);
}
