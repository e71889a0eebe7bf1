import { describe, expect, it } from 'vitest';
import type { Publish } from '../../daemon/mqtt/outbox.ts';
import { createSession, sessionTimeouts } from '../../daemon/mqtt/session.ts';
import { createClock } from './clock.ts';
import { deviceDocument, eventDocument, info, mqttConfig, statusDocument } from './documents.ts';
import { createWire } from './wire.ts';

function setUp(options: { acknowledges?: boolean; url?: string } = {}) {
  const clock = createClock();
  const broker = createWire(options);
  const conditions: string[] = [];
  const session = createSession({
    config: { ...mqttConfig, ...(options.url !== undefined && { url: options.url }) },
    node: 'home',
    info,
    client: broker.client,
    timers: clock.timers,
    random: 0.5,
    onCondition: ({ on, detail }) => conditions.push(on ? `on: ${detail}` : 'off'),
    onRequest: () => {},
  });
  return { clock, broker, conditions, session };
}

const topicsOf = (sent: readonly Publish[]) => sent.map(({ topic }) => topic.replace('postern/home/', ''));

describe('session', () => {
  it('delivers what came before the connection, in order', () => {
    const { session, broker, conditions } = setUp();
    session.event(eventDocument(1));
    session.device('ec71db001122', deviceDocument());
    session.status(statusDocument());
    session.start();
    expect(broker.sent).toEqual([]);
    broker.attempts[0]?.up();
    expect(topicsOf(broker.sent)).toEqual(['availability', 'info', 'status', 'device/ec71db001122', 'event']);
    expect(session.unsent()).toEqual([]);
    expect(conditions).toEqual([]);
  });

  it('sends one message at a time, and the next at its acknowledgement', () => {
    const { session, broker } = setUp({ acknowledges: false });
    session.event(eventDocument(1));
    session.start();
    broker.attempts[0]?.up();
    expect(broker.sent).toHaveLength(1);
    for (let each = 0; each < 3; each++) broker.acknowledgements[each]?.();
    expect(topicsOf(broker.sent)).toEqual(['availability', 'info', 'event']);
  });

  it('keeps to ten messages a second, but for what it says at the begin of a connection', () => {
    const { session, broker, clock } = setUp();
    for (let each = 0; each < 200; each++) session.event(eventDocument(each));
    session.start();
    broker.attempts[0]?.up();
    expect(broker.sent).toHaveLength(202);
    for (let each = 0; each < 30; each++) session.device(`key${each}`, deviceDocument());
    session.event(eventDocument(200));
    expect(broker.sent).toHaveLength(212);
    clock.advance(1000);
    // The event is before what is left of the documents.
    expect(broker.sent[212]?.topic).toBe('postern/home/event');
    expect(broker.sent).toHaveLength(222);
    clock.advance(5000);
    expect(broker.sent).toHaveLength(233);
  });

  it('does not nest a call per document', () => {
    const { session, broker } = setUp();
    for (let each = 0; each < 1024; each++) session.device(`key${each}`, deviceDocument());
    session.start();
    broker.attempts[0]?.up();
    expect(broker.sent).toHaveLength(1026);
    expect(broker.wire.deepest).toBe(1);
  });

  it('leaves a broker that does not acknowledge in 5 s, and repeats everything on the next connection', () => {
    const { session, broker, clock, conditions } = setUp({ acknowledges: false });
    session.event(eventDocument(1));
    session.start();
    broker.attempts[0]?.up();
    clock.advance(5000);
    expect(broker.calls).toEqual(['destroy']);
    expect(conditions).toEqual([
      'on: The MQTT broker 127.0.0.1:1883 does not answer in time: no PUBACK in 5 s',
    ]);
    clock.advance(1000);
    broker.wire.acknowledges = true;
    broker.attempts[1]?.up();
    expect(topicsOf(broker.sent)).toEqual(['availability', 'availability', 'info', 'event']);
    expect(conditions.at(-1)).toBe('off');
  });

  it('ignores what an old connection says late', () => {
    const { session, broker, clock } = setUp({ acknowledges: false });
    session.event(eventDocument(1));
    session.start();
    broker.attempts[0]?.up();
    const [late] = broker.acknowledgements;
    broker.attempts[0]?.down({ cause: 'closed', detail: 'x' });
    clock.advance(1000);
    broker.attempts[1]?.up();
    late?.();
    broker.attempts[0]?.up();
    broker.attempts[0]?.down({ cause: 'closed', detail: 'y' });
    expect(broker.sent).toHaveLength(2);
    expect(session.unsent()).toHaveLength(1);
  });

  it('tries again after 1 s, then every 5 to 15 s, for ever, and tells one cause once', () => {
    const { session, broker, clock, conditions } = setUp();
    session.start();
    const refuse = () => broker.attempts.at(-1)?.down({ cause: 'refused', detail: 'ECONNREFUSED' });
    refuse();
    clock.advance(1000);
    expect(broker.attempts).toHaveLength(2);
    for (let round = 3; round < 50; round++) {
      refuse();
      clock.advance(9999);
      expect(broker.attempts).toHaveLength(round - 1);
      clock.advance(1);
      expect(broker.attempts).toHaveLength(round);
    }
    expect(conditions).toHaveLength(1);
    broker.attempts.at(-1)?.down({ cause: 'not_authorised', detail: 'Not authorized' });
    expect(conditions[1]).toContain('refuses the login');
    clock.advance(10_000);
    broker.attempts.at(-1)?.up();
    expect(conditions.at(-1)).toBe('off');
  });

  it('retries quickly again only after a connection that held', () => {
    const { session, broker, clock } = setUp();
    session.start();
    broker.attempts[0]?.up();
    broker.attempts[0]?.down({ cause: 'closed', detail: '' });
    clock.advance(1000);
    broker.attempts[1]?.up();
    broker.attempts[1]?.down({ cause: 'closed', detail: '' });
    clock.advance(1000);
    expect(broker.attempts).toHaveLength(2);
    clock.advance(9000);
    broker.attempts[2]?.up();
    clock.advance(60_000);
    broker.attempts[2]?.down({ cause: 'closed', detail: '' });
    clock.advance(1000);
    expect(broker.attempts).toHaveLength(4);
  });

  it('tells that the broker is back only when it took a message', () => {
    const { session, broker, clock, conditions } = setUp({ acknowledges: false });
    session.start();
    broker.attempts[0]?.down({ cause: 'closed', detail: 'x' });
    clock.advance(1000);
    broker.attempts[1]?.up();
    expect(conditions).toHaveLength(1);
    broker.acknowledgements[0]?.();
    expect(conditions.at(-1)).toBe('off');
  });

  it('says offline and leaves', async () => {
    const { session, broker, clock } = setUp();
    session.start();
    broker.attempts[0]?.up();
    await session.stop();
    expect(broker.sent.at(-1)).toEqual({
      topic: 'postern/home/availability',
      payload: 'offline',
      retain: true,
      qos: 1,
    });
    expect(broker.calls).toEqual(['end', 'destroy']);
    session.status(statusDocument());
    session.event(eventDocument(1));
    expect(topicsOf(broker.sent).at(-1)).toBe('availability');
    expect(session.unsent()).toHaveLength(1);
    expect(clock.waiting()).toBe(0);
  });

  it('takes back what it told of its broker when it leaves: the next one may be another', async () => {
    const { session, broker, conditions } = setUp();
    session.start();
    broker.attempts[0]?.down({ cause: 'refused', detail: 'ECONNREFUSED' });
    expect(conditions.at(-1)).toMatch(/^on: /);
    await session.stop();
    expect(conditions.at(-1)).toBe('off');
  });

  it('leaves a silent broker after 1.5 s', async () => {
    const { session, broker, clock } = setUp({ acknowledges: false });
    session.start();
    broker.attempts[0]?.up();
    const stopped = session.stop();
    clock.advance(1500);
    await stopped;
    expect(broker.calls).toEqual(['destroy']);
    clock.advance(60_000);
    expect(broker.attempts).toHaveLength(1);
  });

  it('stops at once while there is no connection, and does not try again', async () => {
    const { session, broker, clock } = setUp();
    session.start();
    await session.stop();
    broker.attempts[0]?.down({ cause: 'closed', detail: '' });
    clock.advance(60_000);
    expect(broker.attempts).toHaveLength(1);
    expect(broker.calls).toEqual(['destroy']);
  });

  it('tells an url that is none of ours, and never repeats a login in a message', () => {
    const wrong = setUp({ url: 'ws://broker:80' });
    wrong.session.start();
    expect(wrong.conditions[0]).toContain('must be mqtt://');
    const secret = setUp({ url: 'mqtt://me:secret@broker' });
    secret.session.start();
    secret.broker.attempts[0]?.down({ cause: 'refused', detail: 'ECONNREFUSED' });
    expect(secret.conditions[0]).toContain('broker:1883');
    expect(secret.conditions[0]).not.toContain('secret');
  });

  it('spreads retries over 5 to 15 s', () => {
    expect(sessionTimeouts(0).retryMs).toBe(5000);
    expect(sessionTimeouts(0.999999).retryMs).toBe(14_999);
  });

  it('deletes every topic, says nothing afterwards, and takes its will back', async () => {
    const { session, broker } = setUp();
    session.start();
    session.status(statusDocument());
    session.device('ec71db001122', deviceDocument());
    expect(await session.clean()).toBeUndefined();
    broker.attempts[0]?.up();
    const before = broker.sent.length;
    expect(await session.clean()).toBe(4);
    const deleted = broker.sent.slice(before);
    expect(topicsOf(deleted).toSorted()).toEqual(['availability', 'device/ec71db001122', 'info', 'status']);
    for (const message of deleted) expect(message).toMatchObject({ payload: '', retain: true });
    expect(broker.calls).toEqual(['end', 'destroy']);
    session.status(statusDocument({ devices: 6 }));
    session.device('ec71db001122', deviceDocument());
    session.event(eventDocument(1));
    await session.stop();
    expect(broker.sent).toHaveLength(before + 4);
    expect(session.unsent()).toHaveLength(1);
  });

  it('gives up deleting when the connection ends', async () => {
    const { session, broker } = setUp({ acknowledges: false });
    session.start();
    broker.attempts[0]?.up();
    const cleaning = session.clean();
    broker.attempts[0]?.down({ cause: 'closed', detail: 'closed' });
    expect(await cleaning).toBeUndefined();
  });
});
