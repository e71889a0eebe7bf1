/** One entry of a tar archive. */
export interface TarEntry {
  /** As it is written: `./usr/bin/`, a folder with a slash at its end. */
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeS: number;
  readonly isFolder: boolean;
  readonly bytes: Buffer;
}

const block = 512;

/** Reads a tar archive, and says what opkg would not read of it. Never throws. */
export function readTar(tar: Buffer): {
  readonly entries: readonly TarEntry[];
  readonly faults: readonly string[];
} {
  const entries: TarEntry[] = [];
  const faults: string[] = [];
  let at = 0;
  for (; at + block <= tar.length; ) {
    const header = tar.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    const name = text(header, 0, 100);
    const size = octal(header, 124, 12);
    if (checksum(header) !== octal(header, 148, 8)) {
      faults.push('a header is damaged');
      break;
    }
    const type = text(header, 156, 1);
    if (type === 'x' || type === 'g') faults.push('pax headers, which opkg does not read');
    else if (type !== '0' && type !== '5') faults.push(`${name} is of the type ${type}`);
    const bytes = tar.subarray(at + block, at + block + size);
    if (bytes.length < size) faults.push(`${name} is cut short`);
    const ids = { uid: octal(header, 108, 8), gid: octal(header, 116, 8) };
    entries.push({
      name,
      mode: octal(header, 100, 8),
      ...ids,
      mtimeS: octal(header, 136, 12),
      isFolder: type === '5',
      bytes,
    });
    at += block + Math.ceil(size / block) * block;
  }
  if (tar.length - at < 2 * block) faults.push('it has no end');
  return { entries, faults };
}

/** What is wrong with a package's tree: opkg extracts nothing without folders, and a router must own its files. */
export function faultsOf(tree: readonly TarEntry[]): string[] {
  const faults: string[] = [];
  const names = tree.map(({ name }) => name);
  const seen = new Set<string>();
  for (const { name, mode, uid, gid } of tree) {
    if (!name.startsWith('./') || name.split('/').includes('..')) faults.push(`${name} is outside`);
    if (seen.has(name)) faults.push(`${name} is there twice`);
    const parent = name.replace(/[^/]+\/?$/, '');
    if (name !== './' && !seen.has(parent)) faults.push(`${name} comes without its folder`);
    if (uid !== 0 || gid !== 0) faults.push(`${name} belongs to ${uid}:${gid}`);
    if ((mode & 0o6022) !== 0) faults.push(`${name} has the mode ${mode.toString(8)}`);
    seen.add(name);
  }
  // As a folder and what is in it are compared: by their names without the slash at the end.
  const plain = names.map((name) => name.replace(/\/$/, ''));
  if (plain.some((name, index) => index > 0 && name < (plain[index - 1] ?? '')))
    faults.push('it is not sorted');
  if (tree.every(({ isFolder }) => isFolder)) faults.push('there is no file in it');
  return faults;
}

function text(header: Buffer, offset: number, length: number): string {
  return header.toString('latin1', offset, offset + length).replace(/\0.*$/s, '');
}

function octal(header: Buffer, offset: number, length: number): number {
  return Number.parseInt(text(header, offset, length).trim() || '0', 8);
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}
