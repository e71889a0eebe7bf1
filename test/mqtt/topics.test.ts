import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verbs } from '../../daemon/control/request.ts';
import { clientIdOf, requestedVerb, topicsOf } from '../../daemon/mqtt/topics.ts';

describe('topicsOf', () => {
  it('names what the design names', () => {
    const topics = topicsOf('postern', 'openwrt-1a2b3c');
    expect(topics.availability).toBe('postern/openwrt-1a2b3c/availability');
    expect(topics.device('aabbccddeeff')).toBe('postern/openwrt-1a2b3c/device/aabbccddeeff');
    expect(topics.device('fd00:1::')).toBe('postern/openwrt-1a2b3c/device/fd00:1::');
    expect(topics.device('10.8.0.40')).toBe('postern/openwrt-1a2b3c/device/10_8_0_40');
    expect(topics.request('mqtt-clean')).toBe('postern/openwrt-1a2b3c/request/mqtt-clean');
    expect(topics.response('status')).toBe('postern/openwrt-1a2b3c/response/status');
  });

  it('has a base of as many levels as it was given', () => {
    expect(topicsOf('house/attic', 'home').status).toBe('house/attic/home/status');
  });

  it('never lets a name add a level or a wildcard', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (base, node, key) => {
        const topic = topicsOf(base, node).device(key);
        expect(topic.split('/')).toHaveLength(base.split('/').length + 3);
        expect(topic).toMatch(/^[\x21-\x7e]*$/);
        expect(topic).not.toMatch(/[+#.]/);
      }),
    );
  });

  it('finds the verb of a request topic by exact match only', () => {
    const topics = topicsOf('postern', 'home');
    for (const verb of verbs) expect(requestedVerb(topics, topics.request(verb))).toBe(verb);
    for (const topic of [
      'postern/home/request',
      'postern/home/request/status/x',
      'postern/home/response/status',
    ]) {
      expect(requestedVerb(topics, topic)).toBeUndefined();
    }
  });
});

describe('clientIdOf', () => {
  it('keeps the digits that make a node unique', () => {
    expect(clientIdOf('openwrt-1a2b3c')).toBe('postern-openwrt-1a2b3c');
    expect(clientIdOf('living-room-router-1a2b3c')).toBe('postern-m-router-1a2b3c');
    expect(clientIdOf('küche/1+2#')).toBe('postern-k-che-1-2-');
  });

  it('is always 23 characters or fewer, of the allowed ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (node) => {
        expect(clientIdOf(node)).toMatch(/^postern-[A-Za-z0-9_-]{0,15}$/);
      }),
    );
  });
});
