import type { MailPort } from '../conntrack/flow.ts';
import { ByteWriter } from './bytes.ts';
import type { DeviceRows } from './device-rows.ts';
import type { History } from './history.ts';
import type { Address, Row } from './seen.ts';
import { isSameAddress } from './short-address.ts';
import { isPlausible } from './timeline.ts';

/** What the file begins with: its kind and version. */
export const magic = [0x50, 0x53, 0x54, 0x48, 1] as const;
/** The most that the file may have. */
export const maxFileBytes = 512 * 1024;
const maxNameLength = 64;
export const portOrder = [25, 465, 587, 2525] as const satisfies readonly MailPort[];
/** Bits of a row's first byte, beside two of the port and two of the tier. */
export const rowBit = { same: 16, six: 32, several: 64, refused: 128 } as const;

/**
 * The bytes of the file: a few for each row, since most differ little from the one before. Where that is more than the file may
 * have, the device with the most rows is condensed until it is not. `extra` is kept beside it, at most some KB.
 */
export function encodeHistory(history: History, extra: string): Uint8Array {
  for (;;) {
    const bytes = write(history, extra);
    if (bytes.length <= maxFileBytes) return bytes;
    for (let left = 8; left > 0; left--) history.shrink();
  }
}

function write(history: History, extra: string): Uint8Array {
  const writer = new ByteWriter();
  for (const byte of magic) writer.byte(byte);
  const { runs, jumps } = history.timeline;
  writer.count(runs.length);
  for (const { from, to } of runs) {
    writer.count(from);
    writer.count(Math.max(0, to - from));
  }
  writer.count(jumps.length);
  for (const { at, by } of jumps) {
    writer.count(at);
    writer.signed(by);
  }
  writer.text(extra);
  let unplaced = history.unplaced;
  const devices = [...history.devices.values()].map((device) => {
    const all = history.rowsOf(device);
    const rows = all.filter(({ minute }) => isPlausible(minute));
    for (const row of all) if (!isPlausible(row.minute)) unplaced += row.connections + row.refused;
    return { device, rows };
  });
  writer.count(unplaced);
  const worthwhile = devices.filter(({ rows }) => rows.length > 0);
  writer.count(worthwhile.length);
  for (const { device, rows } of worthwhile) writeDevice(writer, device, rows);
  return writer.sealed();
}

function writeDevice(writer: ByteWriter, device: DeviceRows, rows: readonly Row[]): void {
  writer.text(device.key);
  writer.text(device.name.slice(0, maxNameLength));
  writer.count(device.first);
  writer.count(Math.max(0, device.last - device.first));
  writer.byte(device.delivered ? 1 : 0);
  writer.count(device.gone);
  writer.count(device.goneTo);
  writer.count(rows.length);
  let minute = 0;
  let address: Address | undefined;
  for (const row of rows) {
    const isSame = row.address !== undefined && isSameAddress(row.address, address);
    writer.byte(
      portOrder.indexOf(row.port) |
        (row.tier << 2) |
        (isSame ? rowBit.same : 0) |
        (row.address?.family === 6 ? rowBit.six : 0) |
        (row.address ? 0 : rowBit.several) |
        (row.refused > 0 ? rowBit.refused : 0),
    );
    writer.signed(row.minute - minute);
    if (row.address && !isSame) {
      if (row.address.family === 6) writer.word(row.address.high);
      writer.word(row.address.low);
    }
    writer.count(row.connections);
    writer.count(row.delivered);
    writer.count(row.messages);
    if (row.refused > 0) writer.count(row.refused);
    minute = row.minute;
    address = row.address ?? address;
  }
}
