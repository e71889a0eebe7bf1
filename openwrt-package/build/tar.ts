import type { TreeEntry } from './package-contents.ts';

const block = 512;

/**
 * A ustar archive of the entries, in their order, each owned by root; `./` first, if it is a tree. opkg reads neither pax
 * headers nor a tree without its folders, and says nothing.
 */
export function tarOf(entries: readonly TreeEntry[], mtimeS: number, isTree = true): Buffer {
  const parts = isTree ? [header({ path: '/', mode: 0o755 }, mtimeS)] : [];
  for (const entry of entries) {
    parts.push(header(entry, mtimeS));
    if (entry.bytes) parts.push(entry.bytes, Buffer.alloc((block - (entry.bytes.length % block)) % block));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header({ path, mode, bytes }: TreeEntry, mtimeS: number): Buffer {
  const name = `.${path}${bytes || path === '/' ? '' : '/'}`;
  if (name.length > 100 || !/^[\x21-\x7e]+$/.test(name))
    throw new Error(`${name} does not fit into a ustar header`);
  const buffer = Buffer.alloc(block);
  buffer.write(name, 0);
  octal(buffer, mode, 100, 8);
  octal(buffer, 0, 108, 8);
  octal(buffer, 0, 116, 8);
  octal(buffer, bytes?.length ?? 0, 124, 12);
  octal(buffer, mtimeS, 136, 12);
  buffer.write('        ', 148);
  buffer.write(bytes ? '0' : '5', 156);
  buffer.write('ustar\x0000', 257);
  buffer.write('root', 265);
  buffer.write('root', 297);
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return buffer;
}

function octal(buffer: Buffer, value: number, offset: number, length: number): void {
  buffer.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
}
