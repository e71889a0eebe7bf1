import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacketFilter } from '../../daemon/system/packet-filter.ts';

/** A packet with this type and body, by the format of MQTT 3.1.1, 2.2.3. */
function packet(type: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let left = body.length; left > 0 || length.length === 0; left = Math.floor(left / 128))
    length.push((left % 128) + (left >= 128 ? 128 : 0));
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}
const topic = Buffer.from([0, 1, 0x74]);
/** A PUBLISH (3.3) to the topic `t`. */
const publish = (bytes: number, end = 'x') =>
  packet(
    0x31,
    Buffer.concat([topic, Buffer.alloc(Math.max(0, bytes - 1), 'x'), Buffer.from(bytes > 0 ? end : '')]),
  );
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

test('of a large message the beginning passes, with its topic and whether it was kept, of other large packets nothing; however the stream is cut', () => {
  const packets = fc.array(fc.constantFrom(0, 1, 90, 100, 127, 128, 200, 17_000), { maxLength: 12 });
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(packets, cuts, (payloads, sizes) => {
      const other = packet(0x90, Buffer.alloc(300, 'y'));
      const stream = Buffer.concat([pong, ...payloads.flatMap((bytes) => [publish(bytes), other, pong])]);
      // The topic and its length take three bytes of a packet's.
      const kept = payloads.flatMap((bytes) => [
        bytes + 3 <= 128 ? publish(bytes) : publish(125, '\0'),
        pong,
      ]);
      expect(pass(stream, sizes, 128).equals(Buffer.concat([pong, ...kept]))).toBe(true);
    }),
  );
});

test('a topic that is itself too long is dropped: cut off it would be no packet, and end the connection', () => {
  const long = packet(0x30, Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(256, 't'), Buffer.from('x')]));
  const fits = packet(0x30, Buffer.concat([Buffer.from([0, 123]), Buffer.alloc(300, 't')]));
  expect(pass(Buffer.concat([long, pong]), [7], 128)).toEqual(pong);
  expect(pass(fits, [3], 128)).toEqual(
    packet(0x30, Buffer.concat([Buffer.from([0, 123]), Buffer.alloc(125, 't'), Buffer.from([0])])),
  );
});

test('of a header that is none nothing passes any more', () => {
  expect(
    pass(Buffer.concat([pong, Buffer.from([0x30, 255, 255, 255, 255, 1]), pong, pong]), [3], 128),
  ).toEqual(pong);
});
