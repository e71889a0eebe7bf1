import { describe, expect, test } from 'vitest';
import type { Answer, Request } from '../../daemon/control/request.ts';
import { createInbox } from '../../daemon/mqtt/inbox.ts';
import { createOutbox, type Publish } from '../../daemon/mqtt/outbox.ts';
import { topicsOf } from '../../daemon/mqtt/topics.ts';
import { createClock } from './clock.ts';

const topics = topicsOf('postern', 'home');

function setUp({
  commands = 'all',
  discovery = 'homeassistant',
}: {
  commands?: 'off' | 'safe' | 'all';
  discovery?: string;
} = {}) {
  const clock = createClock();
  const outbox = createOutbox(topics.event);
  const requests: Request[] = [];
  const forged: number[] = [];
  const deaf: boolean[] = [];
  const sent: Publish[] = [];
  const inbox = createInbox({
    ...{ topics, node: 'home', discovery, commands, outbox, timers: clock.timers, random: 0.5 },
    onRequest: (request, reply) => {
      requests.push(request);
      reply({ ok: true, data: {} } satisfies Answer);
    },
    onForged: (times) => forged.push(times),
    onDeaf: (isDeaf) => deaf.push(isDeaf),
    pump() {
      for (let next = outbox.next(); next; next = outbox.next()) {
        sent.push(next);
        if (next.retain) inbox.sent(next.topic, next.payload);
        outbox.settle();
      }
    },
  });
  outbox.keep(topics.availability, 'online', 1);
  outbox.keep(topics.status, '{}', 0);
  outbox.document(topics.device('aa'), '{"device":"aa"}');
  outbox.connected();
  inbox.connected();
  const say = (topic: string, payload: string, retained = false) => inbox.take({ topic, payload, retained });
  return { clock, outbox, inbox, requests, forged, deaf, sent, say };
}

describe('requests', () => {
  test('are carried out and answered with their transaction', () => {
    const { requests, sent, say } = setUp();
    say(topics.request('block'), '{"device":"aa","transaction":"t"}');
    expect(requests).toEqual([{ id: 0, do: 'block', args: { device: 'aa' } }]);
    const answer = sent.find(({ topic }) => topic === topics.response('block'));
    expect(answer).toMatchObject({ retain: false, qos: 0 });
    expect(JSON.parse(answer?.payload ?? '')).toEqual({
      schema: 1,
      status: 'ok',
      data: {},
      transaction: 't',
    });
  });

  test('that lie at the broker are not, and those that are not allowed are not even heard', () => {
    const { requests, say, inbox } = setUp({ commands: 'safe' });
    say(topics.request('block'), '{"device":"aa"}', true);
    say(topics.request('release'), '{"device":"aa"}');
    say(topics.request('quarantine'), '{"device":"aa"}');
    expect(requests).toEqual([]);
    expect(inbox.subscriptions).not.toContain(topics.request('release'));
    expect(
      setUp({ commands: 'off' }).inbox.subscriptions.filter((topic) => topic.includes('request')),
    ).toEqual([]);
  });

  test('are ten a minute, and one more is told that it was too many', () => {
    const { requests, sent, say, clock } = setUp();
    for (let i = 0; i < 500; i++) say(topics.request('test'), '{}');
    expect(requests).toHaveLength(10);
    const answers = sent.filter(({ topic }) => topic === topics.response('test'));
    expect(answers).toHaveLength(11);
    expect(answers.at(-1)?.payload).toContain('too_many');
    clock.advance(60_000);
    say(topics.request('test'), '{}');
    expect(requests).toHaveLength(11);
  });
});

describe('our topics', () => {
  test('that others write to are written over, counted, and told until it ends', () => {
    const { sent, forged, say, clock } = setUp();
    clock.advance(0);
    const statusMessages = () => sent.filter(({ topic }) => topic === topics.status).length;
    say(topics.status, '{"state":"ok"}');
    say(topics.availability, 'offline');
    say(topics.status, '{"state":"all is well"}');
    expect(forged).toEqual([1, 2, 3]);
    const times = statusMessages();
    clock.advance(250);
    expect(statusMessages()).toBe(times + 1);
    expect(
      sent.filter(({ topic, payload }) => topic === topics.availability && payload === 'online'),
    ).not.toEqual([]);
    clock.advance(600_000);
    expect(forged.at(-1)).toBe(0);
  });

  test('the router’s entities of Home Assistant are ours as well: whoever takes them away is told of, and they come back', () => {
    const { sent, forged, say, clock, outbox, inbox } = setUp();
    const topic = 'homeassistant/device/postern_home/config';
    expect(inbox.subscriptions).toContain(topic);
    expect(setUp({ discovery: '' }).inbox.subscriptions.join()).not.toContain('device/postern_home');
    outbox.keep(topic, '{"components":{}}', 1);
    const said = () => sent.filter((each) => each.topic === topic).length;
    say(topics.status, 'x');
    clock.advance(250);
    expect(said()).toBe(1);
    say(topic, '{"components":{}}');
    say(topic, '{"components":"of yesterday"}', true);
    expect(forged).toEqual([1]);
    for (const payload of ['', '{"components":{"event":{"platform":"event"}}}']) {
      say(topic, payload);
      clock.advance(250);
    }
    expect(forged).toEqual([1, 2, 3]);
    expect(said()).toBe(3);
  });

  test('of devices that there are not are deleted, a few at a time, and push none of ours out', () => {
    const { sent, outbox, say, clock } = setUp();
    for (let i = 0; i < 100_000; i++) say(topics.device(`forged${i}`), 'x');
    clock.advance(1000);
    const deletions = sent.filter(({ payload }) => payload === '');
    expect(deletions.length).toBeGreaterThan(0);
    expect(deletions.length).toBeLessThanOrEqual(8 * 4);
    clock.advance(3_600_000);
    expect(sent.filter(({ payload }) => payload === '')).toHaveLength(1024);
    expect(outbox.retained(topics.device('aa'))).toBe('{"device":"aa"}');
  });

  test('of thousands of letters are counted and not kept', () => {
    const { sent, forged, say, clock } = setUp();
    const before = sent.length;
    for (let i = 0; i < 1000; i++) say(topics.device(`${i}${'x'.repeat(8000)}`), 'x');
    clock.advance(60_000);
    expect(forged).toHaveLength(1000);
    expect(sent).toHaveLength(before);
  });

  test('of an earlier life are no forgery, and go after what Home Assistant was told of them', () => {
    const { sent, forged, say, clock } = setUp();
    say(topics.device('bb'), '{"device":"bb"}', true);
    say(topics.status, '{"state":"of yesterday"}', true);
    clock.advance(250);
    expect(forged).toEqual([]);
    expect(sent.filter(({ payload }) => payload === '').map(({ topic }) => topic)).toEqual([
      // An empty document would be an error in its log, one for each entity.
      'homeassistant/device/postern_home_bb/config',
      topics.device('bb'),
    ]);
  });
});

test('a broker that does not hand back what we say is told, until it does', () => {
  const { deaf, say, clock, inbox } = setUp();
  say(topics.availability, 'online');
  clock.advance(60_000);
  expect(deaf).toEqual([]);
  inbox.connected();
  clock.advance(9999);
  expect(deaf).toEqual([]);
  clock.advance(1);
  inbox.connected();
  clock.advance(60_000);
  expect(deaf).toEqual([true]);
  say(topics.availability, 'online');
  expect(deaf).toEqual([true, false]);
});

test('what was told of a broker is taken back when it is left', () => {
  const { deaf, forged, say, clock, inbox } = setUp();
  clock.advance(10_000);
  say(topics.status, '{"state":"ok"}');
  expect([deaf, forged]).toEqual([[true], [1]]);
  inbox.stop();
  expect([deaf, forged]).toEqual([
    [true, false],
    [1, 0],
  ]);
});

test('Home Assistant is told everything again some seconds after its birth, once', () => {
  const { sent, say, clock } = setUp();
  say('homeassistant/status', 'offline');
  clock.advance(10_000);
  const before = sent.length;
  for (let i = 0; i < 50; i++) say('homeassistant/status', 'online');
  clock.advance(999);
  expect(sent).toHaveLength(before);
  clock.advance(4001);
  expect(sent.slice(before).map(({ topic }) => topic)).toEqual([
    topics.availability,
    topics.status,
    topics.device('aa'),
  ]);
});

test('whoever says all the time that Home Assistant starts has everything said again twice a minute, and the last start is answered', () => {
  const { sent, say, clock } = setUp();
  const before = sent.length;
  for (let s = 0; s < 60; s++) {
    say('homeassistant/status', 'online');
    clock.advance(1000);
  }
  expect(sent.length - before).toBeLessThanOrEqual(3 * 3);
  const after = sent.length;
  clock.advance(30_000);
  expect(sent.length).toBe(after + 3);
});
