import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { judgeFlows, readLog } from './judge-log.ts';

/** A folder of real traces, which are not ours to ship. */
const folder = process.env['POSTERN_DATA'];

/** The devices that were held, as the reference gives them. */
describe.skipIf(folder === undefined)('real traces', () => {
  const judged = (name: string, enforce: boolean) => {
    const text = gunzipSync(readFileSync(join(folder ?? '', name))).toString('latin1');
    return judgeFlows(readLog(text).flows, { enforce }).devices;
  };

  test.each([
    ['infected_neris.jsonl.gz', 2, 7, 1],
    ['infected_virut.jsonl.gz', 2, 4, 0],
  ])('%s is restricted by connection %i and blocked by %i', (name, restrict, block, leaked) => {
    for (const enforce of [false, true]) {
      const [device] = judged(name, enforce);
      expect(device?.restrict?.connection).toBeLessThanOrEqual(restrict);
      expect(device?.block?.connection).toBeLessThanOrEqual(block);
      expect(device?.restrict?.leaked).toBe(0);
      expect(device?.block?.leaked).toBeLessThanOrEqual(leaked);
    }
  });

  test('the office is left alone, and each of its messages is counted', () => {
    for (const enforce of [false, true]) {
      const devices = judged('benign_m57.jsonl.gz', enforce);
      expect(devices).toHaveLength(4);
      for (const device of devices) expect(device).toMatchObject({ restrict: null, block: null, slow: null });
      expect(devices.reduce((sum, { messages }) => sum + messages, 0)).toBe(21);
    }
  });
});
