/** What is read of an ELF program. */
export interface Elf {
  /** As OpenWrt names it; others by their number. */
  readonly machine: string;
  /** The dynamic loader that it names, `/lib/ld-musl-x86_64.so.1`; absent where it is static. */
  readonly interpreter?: string;
  /** Shared libraries that it names itself: `libstdc++.so.6`. */
  readonly needed: readonly string[];
  /** What is loaded of it, in its order. */
  readonly loaded: readonly Loaded[];
}

/** A part of the file that is loaded, and what the memory there is larger by is zero. */
export interface Loaded {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly memorySize: number;
}

const machines: Readonly<Record<number, string>> = { 3: 'i386', 40: 'arm', 62: 'x86_64', 183: 'aarch64' };
const headerBytes = 64;
const programHeaderBytes = 56;
const segment = { load: 1, dynamic: 2, interpreter: 3 } as const;
const tag = { end: 0, needed: 1, strings: 5 } as const;
/** Of dynamic entries; Node has about forty. */
const maxEntries = 1024;

interface Segment extends Loaded {
  readonly type: number;
}

/** Reads a 64-bit little-endian ELF file; undefined if it is none, or cut short within what is read. */
export function readElf(file: Buffer): Elf | undefined {
  const isElf = file.length >= headerBytes && file.readUInt32BE(0) === 0x7f454c46;
  if (!isElf || file[4] !== 2 || file[5] !== 1) return undefined;
  const at = Number(file.readBigUInt64LE(32));
  const count = file.readUInt16LE(56);
  if (file.readUInt16LE(54) !== programHeaderBytes || at + count * programHeaderBytes > file.length)
    return undefined;
  const segments = Array.from({ length: count }, (_, index) =>
    readSegment(file, at + index * programHeaderBytes),
  );
  if (segments.some(({ offset, size }) => offset + size > file.length)) return undefined;
  const number = file.readUInt16LE(18);
  const named = segments.find(({ type }) => type === segment.interpreter);
  return {
    machine: machines[number] ?? `machine ${number}`,
    ...(named ? { interpreter: textAt(file.subarray(0, named.offset + named.size), named.offset) } : {}),
    needed: neededBy(file, segments),
    loaded: segments.filter(({ type }) => type === segment.load),
  };
}

/** Whether two programs are the same once they are loaded, whatever else is in their files. */
export function loadsTheSame(one: Buffer, other: Buffer): boolean {
  const [ours, theirs] = [readElf(one)?.loaded ?? [], readElf(other)?.loaded ?? []];
  if (ours.length === 0 || ours.length !== theirs.length) return false;
  return ours.every((part, index) => {
    const match = theirs[index];
    if (match?.address !== part.address || match.memorySize !== part.memorySize) return false;
    return sameBytes(imageOf(one, part), imageOf(other, match));
  });
}

/** What is loaded of a part, without the headers: they tell where in the file things are, and that may be elsewhere. */
function imageOf(file: Buffer, { offset, size }: Loaded): Buffer {
  const headersAt = Number(file.readBigUInt64LE(32));
  const headers = headersAt === headerBytes ? file.readUInt16LE(56) * programHeaderBytes : 0;
  return file.subarray(Math.max(offset, headerBytes + headers), offset + size);
}

/** Zeros at the end need not be in the file. */
function sameBytes(one: Buffer, other: Buffer): boolean {
  const length = Math.min(one.length, other.length);
  const rest = (one.length > length ? one : other).subarray(length);
  return one.subarray(0, length).equals(other.subarray(0, length)) && rest.every((byte) => byte === 0);
}

function readSegment(file: Buffer, at: number): Segment {
  const word = (offset: number) => Number(file.readBigUInt64LE(at + offset));
  return {
    type: file.readUInt32LE(at),
    offset: word(8),
    address: word(16),
    size: word(32),
    memorySize: word(40),
  };
}

function neededBy(file: Buffer, segments: readonly Segment[]): string[] {
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  if (!dynamic) return [];
  const entries: (readonly [number, number])[] = [];
  for (let index = 0; index < Math.min(maxEntries, Math.floor(dynamic.size / 16)); index++) {
    const at = dynamic.offset + index * 16;
    const kind = Number(file.readBigUInt64LE(at));
    if (kind === tag.end) break;
    entries.push([kind, Number(file.readBigUInt64LE(at + 8))]);
  }
  const address = entries.find(([kind]) => kind === tag.strings)?.[1];
  if (address === undefined) return [];
  // The dynamic section speaks of addresses; the segment that is loaded there says where in the file that is.
  const loaded = segments.find(
    (one) => one.type === segment.load && address >= one.address && address < one.address + one.size,
  );
  if (!loaded) return [];
  const strings = loaded.offset + address - loaded.address;
  return entries.filter(([kind]) => kind === tag.needed).map(([, offset]) => textAt(file, strings + offset));
}

function textAt(file: Buffer, at: number): string {
  const end = file.indexOf(0, at);
  return file.toString('latin1', at, end === -1 ? file.length : end);
}
