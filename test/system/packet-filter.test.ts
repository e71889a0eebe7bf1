import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacketFilter } from '../../daemon/system/packet-filter.ts';

/** A PUBLISH, by the format of MQTT 3.1.1, 2.2.3 and 3.3. */
function publish(bytes: number): Buffer {
  const length: number[] = [];
  for (let left = bytes + 3; left > 0 || length.length === 0; left = Math.floor(left / 128))
    length.push((left % 128) + (left >= 128 ? 128 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length, 0, 1, 0x74]), Buffer.alloc(bytes, 'x')]);
}
const pong = Buffer.from([0xd0, 0]);

/** What comes out where the stream comes in pieces of these sizes. */
function pass(stream: Buffer, sizes: readonly number[], maxBytes: number): Buffer {
  const filter = createPacketFilter(maxBytes);
  const out: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    out.push(...filter(stream.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(out);
}

test('large packets are left out, all else passes, however the stream is cut', () => {
  const packets = fc.array(fc.constantFrom(0, 1, 90, 100, 127, 128, 200, 17_000), { maxLength: 12 });
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(packets, cuts, (payloads, sizes) => {
      const stream = Buffer.concat([pong, ...payloads.flatMap((bytes) => [publish(bytes), pong])]);
      // The topic and its length take three bytes of a packet's.
      const kept = payloads.flatMap((bytes) => (bytes + 3 <= 128 ? [publish(bytes), pong] : [pong]));
      expect(pass(stream, sizes, 128).equals(Buffer.concat([pong, ...kept]))).toBe(true);
    }),
  );
});

test('of a header that is none nothing passes any more', () => {
  expect(
    pass(Buffer.concat([pong, Buffer.from([0x30, 255, 255, 255, 255, 1]), pong, pong]), [3], 128),
  ).toEqual(pong);
});
