import type { Mac } from '../address/mac.ts';

/*
 * The packed table, little endian: u32 number of prefixes, u32 number of names, then
 *   prefixes  3 bytes each, big endian as in a MAC, ascending
 *   indices   u16 each: the name of the prefix at the same place
 *   names     u8 length and as many ASCII bytes each
 */

/** Bytes before the prefixes. */
export const vendorHeaderBytes = 8;

/** The maker of a device by the first three octets of its MAC; undefined where the table has none. */
export type VendorOf = (mac: Mac) => string | undefined;

/** Where there is no data file, no maker is known. */
export const noVendors: VendorOf = () => undefined;

/** Opens the table of {@link packVendors}. Bytes that are no such table know no maker. Keeps the bytes, makes no copy. */
export function openVendors(bytes: Uint8Array): VendorOf {
  if (bytes.length < vendorHeaderBytes) return noVendors;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  const namesAt = vendorHeaderBytes + count * 5;
  if (namesAt > bytes.length) return noVendors;
  const prefixAt = (row: number) => {
    const at = vendorHeaderBytes + row * 3;
    return view.getUint16(at) * 256 + view.getUint8(at + 2);
  };
  return (mac) => {
    const row = findRow(count, prefixAt, Number.parseInt(mac.slice(0, 8).replaceAll(':', ''), 16));
    if (row === undefined) return undefined;
    return nameAt(bytes, namesAt, view.getUint16(vendorHeaderBytes + count * 3 + row * 2, true));
  };
}

/** The row of the prefix, by halving. */
function findRow(count: number, prefixAt: (row: number) => number, prefix: number): number | undefined {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prefixAt(middle) < prefix) low = middle + 1;
    else high = middle;
  }
  return low < count && prefixAt(low) === prefix ? low : undefined;
}

/** The name at that place, found by walking over those before it: rarely asked, so no index is kept in memory. */
function nameAt(bytes: Uint8Array, namesAt: number, index: number): string | undefined {
  let at = namesAt;
  for (let skipped = 0; skipped < index; skipped++) at += 1 + (bytes[at] ?? 0);
  const length = bytes[at];
  if (length === undefined || at + 1 + length > bytes.length) return undefined;
  return String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length));
}
