import type { PoEntry } from './po.ts';

/**
 * A catalogue in the form that LuCI reads (`*.lmo`; its luci-base has the reader, lib/lmo.c): the texts, each filled up to
 * four bytes; an index, sorted by the hash of what is translated; and where the index begins. All numbers are of 32 bits,
 * big-endian. What has no translation is left out, so that it is shown as it was written.
 */
export function lmoOf(entries: readonly PoEntry[]): Buffer {
  const texts: Buffer[] = [];
  const index: { key: number; forms: number; offset: number; length: number }[] = [];
  let offset = 0;
  const add = (key: number, forms: number, text: string) => {
    const bytes = Buffer.from(text);
    const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
    bytes.copy(padded);
    texts.push(padded);
    index.push({ key, forms, offset, length: bytes.length });
    offset += padded.length;
  };
  for (const { context, id, plural, texts: translations } of entries) {
    if (id === '') {
      // Key 0 is how plurals are chosen.
      const forms = /^Plural-Forms: (.*)$/m.exec(translations[0] ?? '')?.[1];
      if (forms !== undefined) add(0, 0, forms);
      continue;
    }
    for (const [form, text] of translations.entries()) {
      if (text === '') continue;
      const key = `${context === undefined ? '' : `${context}\x01`}${id}${plural === undefined ? '' : `\x02${form}`}`;
      if (text !== key) add(lmoHash(Buffer.from(key)), translations.length, text);
    }
  }
  index.sort((a, b) => a.key - b.key);
  const numbers = index.flatMap(({ key, forms, offset: at, length }) => [key, forms, at, length]);
  const tail = Buffer.alloc((numbers.length + 1) * 4);
  for (const [place, value] of [...numbers, offset].entries()) tail.writeUInt32BE(value, place * 4);
  return Buffer.concat([...texts, tail]);
}

/** Paul Hsieh's SuperFastHash as LuCI uses it: begun with the length, bytes signed where they stand alone. */
export function lmoHash(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  let hash = bytes.length;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    hash = (hash + bytes.readUInt16LE(at)) | 0;
    hash = (hash << 16) ^ ((bytes.readUInt16LE(at + 2) << 11) ^ hash);
    hash = (hash + (hash >>> 11)) | 0;
  }
  switch (bytes.length - whole) {
    case 3:
      hash = (hash + bytes.readUInt16LE(whole)) | 0;
      hash ^= hash << 16;
      hash ^= bytes.readInt8(whole + 2) << 18;
      hash = (hash + (hash >>> 11)) | 0;
      break;
    case 2:
      hash = (hash + bytes.readUInt16LE(whole)) | 0;
      hash ^= hash << 11;
      hash = (hash + (hash >>> 17)) | 0;
      break;
    case 1:
      hash = (hash + bytes.readInt8(whole)) | 0;
      hash ^= hash << 10;
      hash = (hash + (hash >>> 1)) | 0;
      break;
  }
  hash ^= hash << 3;
  hash = (hash + (hash >>> 5)) | 0;
  hash ^= hash << 4;
  hash = (hash + (hash >>> 17)) | 0;
  hash ^= hash << 25;
  hash = (hash + (hash >>> 6)) | 0;
  return hash >>> 0;
}
