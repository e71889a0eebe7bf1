import { parseDeviceKey } from '../address/device-key.ts';
import { ByteReader } from './bytes.ts';
import { newDeviceRows } from './device-rows.ts';
import { magic, portOrder, rowBit } from './encode.ts';
import { History, maxDevices, strangersKey } from './history.ts';
import type { Address, Row, Tier } from './seen.ts';
import { type Instant, isPlausible, type Jump, type Run, Timeline } from './timeline.ts';

/** What a file held. */
export interface Decoded {
  readonly history: History;
  readonly extra: string;
}

/** Reads the file; undefined where it is damaged, cut short or of another version. Trusts nothing in it that is no row. */
export function decodeHistory(bytes: Uint8Array, at: Instant): Decoded | undefined {
  try {
    const reader = ByteReader.open(bytes);
    if (!reader || magic.some((byte) => reader.byte() !== byte)) return undefined;
    return read(reader, at);
  } catch {
    return undefined;
  }
}

function read(reader: ByteReader, at: Instant): Decoded {
  const runs: Run[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const from = reader.count();
    runs.push({ from, to: from + reader.count() });
  }
  const jumps: Jump[] = [];
  for (let left = reader.count(); left > 0; left--) jumps.push({ at: reader.count(), by: reader.signed() });
  const extra = reader.text();
  const history = new History(new Timeline(at, runs, jumps));
  history.unplaced = reader.count();
  const devices = reader.count();
  if (devices > maxDevices + 1) throw new RangeError('too many');
  for (let left = devices; left > 0; left--) readDevice(reader, history);
  return { history, extra };
}

function readDevice(reader: ByteReader, history: History): void {
  const text = reader.text();
  const key = text === '' ? strangersKey : parseDeviceKey(text);
  const name = reader.text();
  const device = newDeviceRows(key ?? strangersKey, reader.count());
  device.name = name;
  device.last = device.first + reader.count();
  device.delivered = reader.byte() === 1;
  device.gone = reader.count();
  device.goneTo = reader.count();
  if (key !== undefined) history.devices.set(key, device);
  let minute = 0;
  let address: Address | undefined;
  for (let left = reader.count(); left > 0; left--) {
    const bits = reader.byte();
    minute += reader.signed();
    if ((bits & rowBit.several) === 0 && (bits & rowBit.same) === 0) {
      const isSix = (bits & rowBit.six) !== 0;
      const high = isSix ? reader.word() : 0;
      address = { family: isSix ? 6 : 4, high, low: reader.word() };
    }
    const row: Row = {
      minute,
      tier: Math.min(2, (bits >> 2) & 3) as Tier,
      port: portOrder[bits & 3] ?? 25,
      address: bits & rowBit.several ? undefined : address,
      connections: reader.count(),
      delivered: reader.count(),
      messages: reader.count(),
      refused: bits & rowBit.refused ? reader.count() : 0,
    };
    if (key !== undefined && isPlausible(minute) && minute < 2 ** 32) history.restore(device, row);
  }
}
