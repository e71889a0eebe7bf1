import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { outboxLimits } from '../../daemon/mqtt/outbox.ts';
import { freePort } from './mosquitto.ts';

test('20,000 changes while the broker is away make the heap grow by a megabyte at most', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  const argv = ['--expose-gc', 'test/ts.mjs', 'test/system/mqtt-offline-process.ts', url];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const { growth, waiting, dropped } = JSON.parse(stdout) as Record<string, number>;
  console.log(`20,000 changes offline: ${((growth ?? Number.NaN) / 1e6).toFixed(2)} MB more`);
  expect({ waiting, dropped }).toEqual({
    waiting: outboxLimits.events,
    dropped: 21_000 - outboxLimits.events,
  });
  // Not negative for want of a collector.
  expect(growth).toBeGreaterThan(-1e6);
  expect(growth).toBeLessThan(1e6);
}, 60_000);
