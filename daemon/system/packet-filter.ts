/** The type of a PUBLISH in the upper half of a packet's first byte. */
const publishType = 3;
/** A topic's length, the identifier of a packet with a QoS, and one byte of payload. */
const leastBeside = 5;

/**
 * Passes on the packets of a stream of MQTT (3.1.1, 2.2) that are at most `maxBytes` long. Of a longer PUBLISH it passes on its
 * beginning as a packet of `maxBytes` that ends with a zero byte, so that it is known who was written to, and no JSON of ours; all
 * others it drops. Nothing of what goes is kept. A header that is none ends the connection's sense: from there on everything is dropped.
 */
export function createPacketFilter(maxBytes: number): (chunk: Buffer) => readonly Buffer[] {
  /** Bytes of the packet that are to come, and how many of them are passed on. */
  let left = 0;
  let passing = 0;
  let isCut = false;
  /** The first bytes of a packet of which it is not known yet what becomes of it: at most seven. */
  let header: number[] = [];

  /** The beginning of the next packet, once so much has come that it is known; empty where it is dropped. */
  function begin(): readonly number[] | undefined {
    const [type = 0, ...bytes] = header;
    const last = bytes.findIndex((byte) => byte < 128);
    if (last < 0 && bytes.length < 4) return undefined;
    left =
      last < 0 || last > 3
        ? Number.POSITIVE_INFINITY
        : bytes.reduceRight((sum, byte, index) => (index > last ? sum : sum * 128 + (byte & 127)), 0);
    isCut = left > maxBytes && left < Number.POSITIVE_INFINITY && type >> 4 === publishType;
    passing = left > maxBytes ? 0 : left;
    if (!isCut) return passing === left ? header : [];
    const [high, low] = bytes.slice(last + 1);
    if (high === undefined || low === undefined) return undefined;
    left -= 2;
    isCut = high * 256 + low + leastBeside <= maxBytes;
    if (!isCut) return [];
    passing = maxBytes - 2;
    return [type, ...lengthOf(maxBytes), high, low];
  }

  return (chunk) => {
    const passed: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const part = chunk.subarray(at, at + left);
        const kept = part.subarray(0, passing);
        left -= part.length;
        at += part.length;
        if (kept.length === 0) continue;
        passing -= kept.length;
        // In place: nobody else reads this part of the stream.
        if (isCut && passing === 0) kept[kept.length - 1] = 0;
        passed.push(kept);
        continue;
      }
      header.push(chunk[at++] ?? 0);
      const start = begin();
      if (!start) {
        left = 0;
        continue;
      }
      if (start.length > 0) passed.push(Buffer.from(start));
      header = [];
    }
    return passed;
  };
}

/** A Remaining Length as bytes. */
function lengthOf(length: number): number[] {
  return length < 128 ? [length] : [(length % 128) + 128, ...lengthOf(length >> 7)];
}
