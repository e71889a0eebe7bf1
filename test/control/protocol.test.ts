import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAnswer,
  formatRequest,
  maxLineBytes,
  parseAnswer,
  parseRequest,
} from '../../daemon/control/protocol.ts';
import { type Request, type Verb, verbs } from '../../daemon/control/request.ts';
import { verbArguments } from '../../daemon/control/verb-arguments.ts';

const line = (value: unknown) => JSON.stringify(value);
const release = { v: 1, id: 7, do: 'release', args: { device: 'aabbccddeeff', for: '10m' } };
const codeOf = (text: string) => {
  const parsed = parseRequest(text);
  return parsed.ok ? 'ok' : parsed.error.code;
};

describe('parseRequest', () => {
  it('reads the line of the design', () => {
    expect(parseRequest(line(release))).toEqual({
      ok: true,
      request: { id: 7, do: 'release', args: { device: 'aabbccddeeff', for: '10m' } },
    });
    expect(parseRequest('{"v":1,"id":"a","do":"status"}')).toMatchObject({
      ok: true,
      request: { id: 'a', args: {} },
    });
  });

  it.each([
    ['', 'bad_request'],
    ['not json', 'bad_request'],
    ['[]', 'bad_request'],
    ['null', 'bad_request'],
    ['"status"', 'bad_request'],
    [line({ ...release, v: 2 }), 'bad_request'],
    [line({ ...release, v: '1' }), 'bad_request'],
    [line({ ...release, v: undefined }), 'bad_request'],
    [line({ ...release, id: undefined }), 'bad_request'],
    [line({ ...release, id: 1.5 }), 'bad_request'],
    [line({ ...release, id: {} }), 'bad_request'],
    [line({ ...release, id: 'x'.repeat(65) }), 'bad_request'],
    [line({ ...release, more: 1 }), 'bad_request'],
    [line({ ...release, do: 'reboot' }), 'unknown_verb'],
    [line({ ...release, do: 'toString' }), 'unknown_verb'],
    [line({ ...release, do: ['status'] }), 'unknown_verb'],
    [line({ ...release, args: [] }), 'bad_request'],
    [line({ ...release, args: { device: { deep: 1 } } }), 'bad_request'],
    [line({ ...release, args: { device: null } }), 'bad_request'],
    [line({ ...release, args: { device: 'x'.repeat(1025) } }), 'bad_request'],
    ['{"v":1,"id":7,"do":"release","args":{"device":1e999}}', 'bad_request'],
    [
      line({ ...release, args: Object.fromEntries([...'abcdefghijklmnopq'].map((name) => [name, 1])) }),
      'bad_request',
    ],
    [line({ ...release, args: {} }), 'bad_argument'],
    [line({ ...release, args: { device: 7 } }), 'bad_argument'],
    [line({ ...release, args: { device: 'x', fro: '1h' } }), 'bad_argument'],
    ['{"v":1,"id":7,"do":"release","args":{"device":"x","__proto__":"y"}}', 'bad_argument'],
    ['{"v":1,"id":7,"do":"release","args":{"device":"x","toString":"y"}}', 'bad_argument'],
    [`{"v":1,"id":7,"do":"status","args":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'bad_request'],
    [' '.repeat(maxLineBytes + 1), 'bad_request'],
  ])('refuses %.60s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('keeps the id of a request that it refuses, as far as it can be read', () => {
    expect(parseRequest(line({ ...release, do: 'x' }))).toMatchObject({ ok: false, id: 7 });
    expect(parseRequest(line({ ...release, id: 'a', v: 3 }))).toMatchObject({ ok: false, id: 'a' });
    expect(parseRequest('{')).toMatchObject({ ok: false, id: null });
  });

  it('never throws, and accepts only what is whole', () => {
    const mangled = fc
      .tuple(fc.constant(line(release)), fc.nat(80), fc.nat(5), fc.string({ unit: 'binary' }))
      .map(([text, at, drop, extra]) => text.slice(0, at) + extra + text.slice(at + drop));
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => new TextDecoder().decode(array));
    const json = fc.json();
    fc.assert(
      fc.property(fc.oneof(mangled, bytes, json), (text) => {
        const parsed = parseRequest(text);
        if (!parsed.ok) return;
        expect(verbs).toContain(parsed.request.do);
        for (const value of Object.values(parsed.request.args)) {
          expect(['string', 'number', 'boolean']).toContain(typeof value);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back every request that the command line can make', () => {
    const values = { string: fc.string(), number: fc.integer(), boolean: fc.boolean() };
    const request: fc.Arbitrary<Request> = fc.constantFrom<Verb>(...verbs).chain((verb) =>
      fc.record({
        id: fc.oneof(fc.integer(), fc.string({ maxLength: 64 })),
        do: fc.constant(verb),
        args: fc.record(
          Object.fromEntries(
            Object.entries(verbArguments[verb]).map(([name, type]) => [
              name,
              values[String(type).replace('?', '') as keyof typeof values],
            ]),
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(request, (made) => {
        const text = formatRequest(made);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        const parsed = parseRequest(text.trimEnd());
        expect(parsed.ok && { ...parsed.request, args: { ...parsed.request.args } }).toEqual({
          ...made,
          args: { ...made.args },
        });
      }),
    );
  });
});

describe('answers', () => {
  it('are the lines of the design, and are read back', () => {
    expect(formatAnswer(7, { ok: true, data: {} })).toBe('{"id":7,"ok":true,"data":{}}\n');
    const error = { code: 'unknown_device', message: 'm', remedy: 'r' } as const;
    const text = formatAnswer('a', { ok: false, error });
    expect(text).toBe('{"id":"a","ok":false,"error":{"code":"unknown_device","message":"m","remedy":"r"}}\n');
    expect(parseAnswer(text)).toEqual({ id: 'a', answer: { ok: false, error } });
  });

  it('become an error where they are longer than a line may be', () => {
    const fits = formatAnswer(1, { ok: true, data: 'x'.repeat(maxLineBytes - 40) });
    expect(fits.length).toBeLessThanOrEqual(maxLineBytes);
    expect(fits).toContain('xxx');
    for (const data of ['x'.repeat(maxLineBytes), 'ü'.repeat(maxLineBytes / 2)]) {
      expect(formatAnswer(1, { ok: true, data })).toMatch(/^\{"id":1,"ok":false,"error":\{"code":"too_many"/);
    }
  });

  it('are undefined where they are none', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseAnswer(text)));
    for (const text of [
      '',
      '{}',
      '{"id":1}',
      '{"id":1,"ok":false}',
      '{"id":1,"ok":false,"error":{"code":1}}',
    ]) {
      expect(parseAnswer(text)).toBeUndefined();
    }
  });
});
