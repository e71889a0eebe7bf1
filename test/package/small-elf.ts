const zeroBytes = 0x1000;

/**
 * A small ELF program for tests, with just what the build reads: machine, loader, libraries, Node's version. With `bssMovedBy`
 * it has sections too, and the one of its zeros is that far from where the program has them.
 */
export function smallElf({
  machine = 62,
  version = '20.20.2',
  interpreter = '',
  needed = [] as readonly string[],
  bssMovedBy = undefined as number | undefined,
} = {}): Buffer {
  const base = 0x400000;
  const loader = Buffer.from(`${interpreter}\0`);
  const names = ['', ...needed].map((name) => Buffer.from(`${name}\0`));
  const strings = Buffer.concat(names);
  const isDynamic = interpreter !== '';
  const count = isDynamic ? 3 : 1;
  const loaderAt = 64 + count * 56;
  const stringsAt = loaderAt + loader.length;
  const dynamicAt = Math.ceil((stringsAt + strings.length) / 8) * 8;
  const offsets = names.map((_, index) => names.slice(0, index).reduce((sum, one) => sum + one.length, 0));
  const entries = [...offsets.slice(1).map((offset) => [1, offset]), [5, base + stringsAt], [0, 0]].flat();
  const versionAt = dynamicAt + entries.length * 8;
  const tail = Buffer.from(`\0node.js/${version === '' ? 'none' : `v${version}`}\0`);
  const file = Buffer.alloc(versionAt + tail.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(count, 56);
  const segment = (index: number, type: number, offset: number, size: number) => {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    file.writeUInt32LE(6, at + 4);
    const memory = type === 1 && bssMovedBy !== undefined ? size + zeroBytes : size;
    const words = [offset, base + offset, base + offset, size, memory, type === 1 ? 4096 : 8];
    for (const [word, value] of words.entries()) file.writeBigUInt64LE(BigInt(value), at + 8 + word * 8);
  };
  segment(0, 1, 0, file.length);
  if (isDynamic) {
    segment(1, 3, loaderAt, loader.length);
    segment(2, 2, dynamicAt, entries.length * 8);
  }
  file.set(loader, loaderAt);
  file.set(strings, stringsAt);
  for (const [index, value] of entries.entries()) file.writeBigUInt64LE(BigInt(value), dynamicAt + index * 8);
  file.set(tail, versionAt);
  return bssMovedBy === undefined ? file : withSections(file, { base, from: loaderAt, bssMovedBy });
}

/** `.data` from there to the end of what is loaded, and the zeros after it. */
function withSections(
  loaded: Buffer,
  { base, from, bssMovedBy }: { readonly base: number; readonly from: number; readonly bssMovedBy: number },
): Buffer {
  const names = '\0.data\0.bss\0.shstrtab\0';
  const end = loaded.length;
  const headersAt = Math.ceil((end + names.length) / 8) * 8;
  const file = Buffer.alloc(headersAt + 4 * 64);
  file.set(loaded);
  file.write(names, end);
  const sections = [
    { name: 1, type: 1, flags: 3, address: base + from, offset: from, size: end - from },
    { name: 7, type: 8, flags: 3, address: base + end + bssMovedBy, offset: end, size: zeroBytes },
    { name: 12, type: 3, flags: 0, address: 0, offset: end, size: names.length },
  ];
  for (const [index, { name, type, ...words }] of sections.entries()) {
    const at = headersAt + (index + 1) * 64;
    file.writeUInt32LE(name, at);
    file.writeUInt32LE(type, at + 4);
    for (const [word, value] of [words.flags, words.address, words.offset, words.size].entries())
      file.writeBigUInt64LE(BigInt(value), at + 8 + word * 8);
    file.writeBigUInt64LE(1n, at + 48);
  }
  file.writeBigUInt64LE(BigInt(headersAt), 40);
  for (const [at, value] of [64, 4, 3].entries()) file.writeUInt16LE(value, 58 + at * 2);
  return file;
}
