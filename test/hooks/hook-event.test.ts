import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hookEnvironment, hookInput, parseHookEvent } from '../../daemon/hooks/hook-event.ts';

const blocked = {
  schema: 1,
  id: 'home-20261121T140203Z-7.3',
  type: 'blocked',
  at: '2026-11-21T14:02:03Z',
  node: 'home',
  incident: 'home-20261121T140203Z-7',
  device: 'ec71db001122',
  name: 'camera',
  text: 'camera is blocked.',
  evidence: ['a', 'b'],
};
const read = (document: unknown) => {
  const event = parseHookEvent(JSON.stringify(document));
  if (!event) throw new Error('no event');
  return event;
};

describe('an event', () => {
  it('is read from its line', () => {
    expect(read(blocked)).toEqual({ id: blocked.id, type: 'blocked', document: blocked });
  });

  it('may have a type and members that are not known here', () => {
    expect(read({ id: 'x', type: 'levitated', more: 1 })).toMatchObject({ type: 'levitated' });
  });

  it.each(['', '{', 'null', '7', '[]', '{"id":1,"type":"test"}', '{"id":"x"}'])('is not %j', (line) => {
    expect(parseHookEvent(line)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseHookEvent(line)));
  });
});

describe('the environment of a hook', () => {
  it('names every member, and gives those that are missing as empty', () => {
    expect(hookEnvironment(read(blocked))).toEqual({
      POSTERN_ID: 'home-20261121T140203Z-7.3',
      POSTERN_TYPE: 'blocked',
      POSTERN_AT: '2026-11-21T14:02:03Z',
      POSTERN_NODE: 'home',
      POSTERN_INCIDENT: 'home-20261121T140203Z-7',
      POSTERN_DEVICE: 'ec71db001122',
      POSTERN_NAME: 'camera',
      POSTERN_VENDOR: '',
      POSTERN_ADDRESS: '',
      POSTERN_TEXT: 'camera is blocked.',
      POSTERN_REMEDIES: '',
    });
    const remedies = ['Switch it off.', 'Ask\nits maker.'];
    expect(hookEnvironment(read({ ...blocked, remedies }))['POSTERN_REMEDIES']).toBe(
      'Switch it off.\nAsk?its maker.',
    );
  });

  it('has nothing unprintable and no endless text, whatever a device calls itself', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\u200b]/;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const texts = Object.values(hookEnvironment(read({ id: 'x', type: 'y', name, text: name })));
        expect(texts.filter((text) => unprintable.test(text))).toEqual([]);
      }),
    );
    const hostile = hookEnvironment(read({ id: 'x', type: 'y', name: 'a\nb\r\0c', text: 'x'.repeat(9000) }));
    expect(hostile['POSTERN_NAME']).toBe('a?b??c');
    expect(hostile['POSTERN_TEXT']).toHaveLength(1024);
  });
});

describe('the input of a hook', () => {
  it('is the document as one line of printable JSON', () => {
    const name = 'a\nb\u202e\u2028\u007f';
    const input = hookInput(read({ id: 'x', type: 'y', name }));
    expect(input).toBe('{"id":"x","type":"y","name":"a\\nb\\u202e\\u2028\\u007f"}\n');
    expect(JSON.parse(input)).toMatchObject({ name });
  });
});
