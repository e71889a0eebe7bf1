/**
 * Passes on the packets of a stream of MQTT (3.1.1, 2.2) that are at most `maxBytes` long, and drops all others as they come,
 * keeping nothing of them. A header that is none ends the connection's sense: from there on everything is dropped.
 */
export function createPacketFilter(maxBytes: number): (chunk: Buffer) => readonly Buffer[] {
  /** Bytes of the packet that is passing, or being dropped. */
  let left = 0;
  let isDropping = false;
  /** The first bytes of a header that is not whole yet: at most five. */
  let header: number[] = [];

  return (chunk) => {
    const passed: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const part = chunk.subarray(at, at + left);
        if (!isDropping) passed.push(part);
        left -= part.length;
        at += part.length;
        continue;
      }
      header.push(chunk[at++] ?? 0);
      const length = remainingLength(header);
      if (length === undefined) continue;
      isDropping = length > maxBytes;
      if (!isDropping) passed.push(Buffer.from(header));
      left = length;
      header = [];
    }
    return passed;
  };
}

/** The Remaining Length behind a packet's type, undefined while it is not whole, without end where it is none. */
function remainingLength([_type, ...bytes]: readonly number[]): number | undefined {
  const last = bytes.at(-1);
  if (last === undefined) return undefined;
  if (last >= 128) return bytes.length < 4 ? undefined : Number.POSITIVE_INFINITY;
  return bytes.reduce((sum, byte, index) => sum + (byte & 127) * 128 ** index, 0);
}
