import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verbs } from '../../daemon/control/request.ts';
import {
  createRate,
  maxRequestBytes,
  readRequest,
  responseText,
  verbsAllowed,
} from '../../daemon/mqtt/requests.ts';

describe('what MQTT may ask for', () => {
  test('is nothing unless it is allowed, and never what lasts for ever or tells of the home', () => {
    expect(verbsAllowed.off).toEqual([]);
    expect(verbsAllowed.all).toEqual(expect.arrayContaining([...verbsAllowed.safe]));
    for (const verb of [
      'quarantine',
      'mqtt-clean',
      'devices',
      'who',
      'history',
      'evidence',
      'doctor',
    ] as const) {
      expect(verbs).toContain(verb);
      expect(verbsAllowed.all).not.toContain(verb);
    }
    expect(verbsAllowed.safe).toContain('disallow');
    for (const verb of ['release', 'allow', 'pause', 'resume', 'forget', 'pin'] as const)
      expect(verbsAllowed.safe).not.toContain(verb);
  });
});

describe('a request', () => {
  test('is an object with the verb’s arguments, and a transaction that is handed back', () => {
    expect(readRequest('block', '{"device":"ec71db001122","for":"10m","transaction":"t1"}')).toEqual({
      request: { id: 0, do: 'block', args: { device: 'ec71db001122', for: '10m' } },
      transaction: 't1',
    });
    expect(readRequest('test', '')).toEqual({ request: { id: 0, do: 'test', args: {} } });
    expect(responseText({ ok: true, data: { sent: true } }, 7)).toBe(
      '{"schema":1,"status":"ok","data":{"sent":true},"transaction":7}',
    );
  });

  test.each([
    ['no JSON', 'block it', 'no JSON object'],
    ['a list', '[]', 'no JSON object'],
    ['a word', '"block"', 'no JSON object'],
    ['a missing argument', '{}', 'needs the argument "device"'],
    ['an argument that there is not', '{"device":"x","for_ever":true}', 'no argument "for_ever"'],
    ['an argument of another type', '{"device":7}', 'must be a string'],
    ['what objects have by themselves', '{"device":"x","__proto__":1}', 'no argument'],
    ['a transaction that is an object', '{"device":"x","transaction":{}}', '"transaction"'],
    ['a long transaction', `{"device":"x","transaction":"${'t'.repeat(65)}"}`, '"transaction"'],
    ['too much', JSON.stringify({ device: 'x'.repeat(maxRequestBytes) }), 'too long'],
    [
      'too much of few characters',
      JSON.stringify({ device: '\u20ac'.repeat(maxRequestBytes / 2) }),
      'too long',
    ],
  ])('that is %s is refused with a reason and a remedy', (_what, payload, message) => {
    const read = readRequest('block', payload);
    expect('fault' in read && !read.fault.ok && read.fault.error).toMatchObject({
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/\w/),
    });
    expect(JSON.parse('fault' in read ? responseText(read.fault, undefined) : '')).toMatchObject({
      status: 'error',
    });
  });

  test('of any kind at all never throws, and is only read where it is what the verb takes', () => {
    const names = fc.constantFrom('device', 'for', 'on', 'transaction', '__proto__', 'constructor');
    const payload = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...verbsAllowed.all), payload, (verb, text) => {
        const read = readRequest(verb, text);
        if ('fault' in read) return;
        for (const value of Object.values(read.request.args))
          expect(['string', 'number', 'boolean']).toContain(typeof value);
      }),
      { numRuns: 3000 },
    );
  });
});

test('a rate lets so many through in any minute, and forgets', () => {
  const may = createRate(3);
  expect([0, 1, 2, 3, 59_999].map(may)).toEqual([true, true, true, false, false]);
  expect([60_000, 60_000, 60_001, 60_002].map(may)).toEqual([true, false, true, true]);
});
