import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { decodeHistory } from '../../daemon/history/decode.ts';
import { encodeHistory } from '../../daemon/history/encode.ts';
import { History } from '../../daemon/history/history.ts';
import { Timeline } from '../../daemon/history/timeline.ts';

const startMs = Date.UTC(2026, 10, 1);
const minuteMs = 60_000;
const key = (index: number) => index.toString(16).padStart(12, '0') as DeviceKey;
const at = (ms: number) => ({ nowMs: ms, wallMs: startMs + ms });

describe('a file', () => {
  test('that is cut short or changed is none', () => {
    const history = new History(new Timeline(at(0)));
    for (let index = 0; index < 50; index++)
      history.note(
        { key: key(index + 1), address: `11.0.${index}.25`, port: 25, connections: 1 },
        at(index * minuteMs),
      );
    const bytes = encodeHistory(history, 'extra');
    expect(decodeHistory(bytes, at(0))?.history.devices.size).toBe(50);
    for (let length = 0; length < bytes.length; length++)
      expect(decodeHistory(bytes.subarray(0, length), at(0))).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = bytes.slice();
        changed[place] = (changed[place] ?? 0) ^ change;
        expect(decodeHistory(changed, at(0))).toBeUndefined();
      }),
    );
  });

  test('of rubbish is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeHistory(bytes, at(0))).toBeUndefined();
      }),
    );
  });
});
