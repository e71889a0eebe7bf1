import { vendorHints } from './class-hints.ts';
import { vendorHeaderBytes } from './vendor.ts';

/** The longest vendor name in the table. */
export const maxVendorName = 32;

/** A maker with a single prefix is hardly ever in a home, and there are twenty thousand: they go, but for those below. */
const minPrefixes = 2;
/** Things that homes hold many of, whatever their makers' prefixes. */
const household = new Set(vendorHints.map(({ word }) => word));
const isHousehold = (name: string) =>
  [...household].some((word) => ` ${name.toLowerCase()} `.includes(` ${word} `));
const others = /\b(?:raspberry pi|fairphone|framework|nothing technology|ubiquiti|mikrotik)\b/i;

/**
 * Packs npm's `oui-data` (six hex digits to "Name\nstreet\n…"), names shortened: makers with two or more prefixes, and
 * those that a home knows.
 */
export function packVendors(ouiData: Readonly<Record<string, string>>): Uint8Array {
  const byName = new Map<string, number[]>();
  for (const [hex, text] of Object.entries(ouiData)) {
    const name = shortenVendor(text.split('\n')[0] ?? '');
    if (!/^[0-9A-Fa-f]{6}$/.test(hex) || name === '' || name === 'Private') continue;
    const prefixes = byName.get(name) ?? [];
    prefixes.push(Number.parseInt(hex, 16));
    byName.set(name, prefixes);
  }
  const isKept = (name: string) =>
    (byName.get(name)?.length ?? 0) >= minPrefixes || isHousehold(name) || others.test(name);
  const names = [...byName.keys()].filter(isKept).sort();
  const rows = names.flatMap((name, index) => (byName.get(name) ?? []).map((prefix) => ({ prefix, index })));
  rows.sort((a, b) => a.prefix - b.prefix);
  return layOut(rows, names);
}

function layOut(rows: readonly { prefix: number; index: number }[], names: readonly string[]): Uint8Array {
  const nameBytes = names.reduce((sum, name) => sum + 1 + name.length, 0);
  const bytes = new Uint8Array(vendorHeaderBytes + rows.length * 5 + nameBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows.length, true);
  view.setUint32(4, names.length, true);
  for (const [row, { prefix, index }] of rows.entries()) {
    const at = vendorHeaderBytes + row * 3;
    bytes.set([prefix >> 16, (prefix >> 8) & 255, prefix & 255], at);
    view.setUint16(vendorHeaderBytes + rows.length * 3 + row * 2, index, true);
  }
  let at = vendorHeaderBytes + rows.length * 5;
  for (const name of names) {
    bytes[at++] = name.length;
    for (let index = 0; index < name.length; index++) bytes[at++] = name.charCodeAt(index);
  }
  return bytes;
}

/** What companies put behind their names. */
const legalForm =
  /[\s,.]+(?:co|ltd|limited|inc|incorporated|corp|corporation|company|llc|lp|gmbh|ag|kg|bv|b\.v|nv|sa|s\.a|srl|s\.r\.l|sas|spa|s\.p\.a|oy|oyj|ab|as|a\.s|aps|plc|pte|pty|kk|k\.k|s\.l|sl|sro|s\.r\.o|& co|mfg)\.?$/i;

/** "Reolink Innovation Limited" as "Reolink Innovation": ASCII, without the legal form, at most 32 characters. */
export function shortenVendor(name: string): string {
  let short = name
    .normalize('NFKD')
    .replace(/\(.*?\)/g, ' ')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/[<>"'&\\`]/g, (sign) => (sign === '&' ? '&' : ''))
    .replace(/\s+/g, ' ')
    .trim();
  while (legalForm.test(short)) short = short.replace(legalForm, '');
  short = short.replace(/[\s,.]+$/, '');
  if (short === short.toUpperCase())
    short = short.replace(/[A-Z]{5,}/g, (word) => word[0] + word.slice(1).toLowerCase());
  if (short.length <= maxVendorName) return short;
  const cut = short.slice(0, maxVendorName + 1);
  return cut.slice(0, Math.max(cut.lastIndexOf(' '), 12)).replace(/[\s,.]+$/, '');
}
