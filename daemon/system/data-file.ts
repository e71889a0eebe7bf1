import { closeSync, openSync, readSync } from 'node:fs';

/*
 * postern-data.bin, little endian:
 *   'PSTN', u8 version (3), u8 number of sections, u16 zero,
 *   for each section: name (16 bytes ASCII, padded with zero), u32 offset, u32 length, u32 checksum of its bytes,
 *   the sections' bytes.
 */
const magic = 'PSTN';
const formatVersion = 3;
const headerBytes = 8;
const entryBytes = 28;
const nameBytes = 16;
/** No section is read beyond this: a damaged length must not eat the router's memory. */
const maxSectionBytes = 1024 * 1024;

/** The bytes of a section, or why there are none (one sentence for the log). */
export type Section =
  | { readonly bytes: Uint8Array; readonly reason?: never }
  | { readonly bytes?: undefined; readonly reason: string };

/** Packs the sections (name of 1 to 16 ASCII characters to bytes), sorted by name: equal input gives equal bytes. */
export function packDataFile(sections: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const names = Object.keys(sections).sort();
  const file: Buffer[] = [Buffer.alloc(headerBytes + names.length * entryBytes)];
  const header = file[0] ?? Buffer.alloc(0);
  header.write(magic, 'latin1');
  header.writeUInt8(formatVersion, 4);
  header.writeUInt8(names.length, 5);
  let offset = header.length;
  for (const [index, name] of names.entries()) {
    if (!/^[\x21-\x7e]{1,16}$/.test(name)) throw new Error(`bad section name ${JSON.stringify(name)}`);
    const bytes = Buffer.from(sections[name] ?? []);
    const at = headerBytes + index * entryBytes;
    header.write(name, at, 'latin1');
    header.writeUInt32LE(offset, at + nameBytes);
    header.writeUInt32LE(bytes.length, at + nameBytes + 4);
    header.writeUInt32LE(checksum(bytes), at + nameBytes + 8);
    file.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat(file);
}

/**
 * Reads one section of the data file, each time anew: the caller keeps what it makes of it, the raw bytes need no
 * place in memory. Never throws: a missing, older or damaged file is a reason.
 */
export function readSection(path: string, name: string): Section {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return sectionOf(fd, name);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function sectionOf(fd: number, name: string): Section {
  const head = readAt(fd, 0, headerBytes);
  if (head?.toString('latin1', 0, 4) !== magic) return { reason: 'not a Postern data file' };
  if (head[4] !== formatVersion) return { reason: `data file of version ${head[4]}, not ${formatVersion}` };
  const index = readAt(fd, headerBytes, (head[5] ?? 0) * entryBytes);
  if (!index) return { reason: 'the data file is cut short' };
  for (let at = 0; at < index.length; at += entryBytes) {
    if (index.toString('latin1', at, at + nameBytes).replace(/\0+$/, '') !== name) continue;
    const offset = index.readUInt32LE(at + nameBytes);
    const length = index.readUInt32LE(at + nameBytes + 4);
    const bytes = length > maxSectionBytes ? undefined : readAt(fd, offset, length);
    if (!bytes) return { reason: 'the data file is cut short' };
    if (checksum(bytes) !== index.readUInt32LE(at + nameBytes + 8))
      return { reason: 'the data file is damaged' };
    return { bytes };
  }
  return { reason: `the data file has no section ${name}` };
}

function readAt(fd: number, offset: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
}

/**
 * FNV-1a (draft-eastlake-fnv) over words of 32 bits instead of octets, the last four filled with zeros. Whatever differs
 * within one word gives another sum, as each step can be undone. A CRC by octets takes fourteen times as long at the daemon's
 * start, where nothing is compiled yet, one word a turn twice as long, and loading node:zlib for it would cost a megabyte.
 */
function checksum(bytes: Uint8Array): number {
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  const words = new Uint32Array(padded.buffer);
  const { imul } = Math;
  const prime = 0x01000193;
  let sum = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 4) {
    sum = imul(sum ^ (words[at] as number), prime);
    sum = imul(sum ^ (words[at + 1] as number), prime);
    sum = imul(sum ^ (words[at + 2] as number), prime);
    sum = imul(sum ^ (words[at + 3] as number), prime);
  }
  return sum >>> 0;
}
