import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { brokerStream } from '../../daemon/system/broker-stream.ts';
import { createClock } from '../mqtt/clock.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A socket that is sent `bytes`. */
async function socketWith(bytes: Buffer): Promise<net.Socket> {
  const server = net.createServer((other) => other.write(bytes)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return net.connect({ port, host: '127.0.0.1' });
}

/** PUBLISH packets of 60 bytes, to the topic `t`. */
const flood = Buffer.concat(
  Array<Buffer>(10_000).fill(Buffer.concat([Buffer.from([0x30, 58, 0, 1, 0x74]), Buffer.alloc(55, 'x')])),
);

test('a flood from the broker comes in small pieces, in a quarter of the time, and whole', async () => {
  const clock = createClock();
  const { timers, advance } = clock;
  const stream = brokerStream(await socketWith(flood), timers);
  const got: Buffer[] = [];
  let total = 0;
  let pieceBytes = 0;
  let busyMs = 0;
  let largest = 0;
  stream.on('data', (part: Buffer) => {
    got.push(part);
    total += part.length;
    pieceBytes += part.length;
    // As if each took 0.1 ms.
    busyMs += part.length / 600;
    advance(part.length / 600);
  });
  while (total < flood.length) {
    await turn();
    largest = Math.max(largest, pieceBytes);
    pieceBytes = 0;
    if (clock.waiting() > 0) advance(1);
  }
  stream.destroy();
  expect(Buffer.concat(got).equals(flood)).toBe(true);
  expect(largest).toBeLessThanOrEqual(4096);
  // All but the first 0.1 s at a quarter of the time.
  expect(timers.nowMs()).toBeGreaterThan(3500);
  expect(timers.nowMs()).toBeLessThan(4500);
});

test('what is little is handled at once', async () => {
  const { timers, advance, waiting } = createClock();
  const stream = brokerStream(await socketWith(flood.subarray(0, 600)), timers);
  let bytes = 0;
  stream.on('data', (part: Buffer) => {
    bytes += part.length;
    advance(1);
  });
  while (bytes < 600) await turn();
  await turn();
  stream.destroy();
  expect(bytes).toBe(600);
  expect(waiting()).toBe(0);
});

test('a minute in which the process stood still is not made good by a rest of minutes', async () => {
  const { timers, advance } = createClock();
  const stream = brokerStream(await socketWith(flood.subarray(0, 8192)), timers);
  let bytes = 0;
  let isFirst = true;
  stream.on('data', (part: Buffer) => {
    bytes += part.length;
    if (isFirst) advance(60_000);
    isFirst = false;
  });
  while (bytes < 4096) await turn();
  await turn();
  expect(bytes).toBe(4096);
  advance(400);
  expect(bytes).toBe(8192);
  stream.destroy();
});
