import { describe, expect, it } from 'vitest';
import { createSession } from '../../daemon/mqtt/session.ts';
import { createClock } from './clock.ts';
import { info, mqttConfig } from './documents.ts';
import { createWire } from './wire.ts';

const closed = { cause: 'closed', detail: 'closed' } as const;

/** A session, and what it told of its connections. */
function setUp() {
  const clock = createClock();
  const broker = createWire();
  const told: string[] = [];
  const session = createSession({
    ...{ config: mqttConfig, node: 'openwrt-1a2b3c', info, client: broker.client, timers: clock.timers },
    ...{ random: 0.5, onRequest: () => {} },
    onCondition: ({ reason, on, detail }) => told.push(`${reason} ${on ? (detail ?? '') : 'off'}`),
  });
  session.start();
  /** The newest connection is taken, and closed by the broker so much later; the next one begins. */
  const live = (forMs: number) => {
    broker.attempts.at(-1)?.up();
    clock.advance(forMs);
    broker.attempts.at(-1)?.down(closed);
    clock.advance(20_000);
  };
  return { clock, broker, told, session, live };
}

describe('a client id that another client has', () => {
  it('is a condition of its own from the third connection on that served and was closed within a minute', () => {
    const { told, live } = setUp();
    for (let round = 0; round < 2; round++) live(5000);
    expect(told.join()).not.toContain('client_id_taken');
    live(59_000);
    expect(told.slice(-2)).toEqual(['broker_unreachable off', 'client_id_taken postern-openwrt-1a2b3c']);
  });

  it('is told once however long it goes on, with no word of a broker that cannot be reached', () => {
    const { broker, told, live } = setUp();
    for (let round = 0; round < 3; round++) live(5000);
    const before = told.length;
    for (let round = 0; round < 50; round++) live(1000 + round * 1000);
    // The other may be too quick for anything to be acknowledged.
    broker.wire.acknowledges = false;
    live(10);
    expect(told.slice(before)).toEqual([]);
  });

  it('ends by itself when a connection has held for a minute, and not before', () => {
    const { broker, clock, told, live } = setUp();
    for (let round = 0; round < 5; round++) live(5000);
    broker.attempts.at(-1)?.up();
    clock.advance(59_000);
    expect(told.at(-1)).toBe('client_id_taken postern-openwrt-1a2b3c');
    clock.advance(2000);
    expect(told.at(-1)).toBe('client_id_taken off');
    broker.attempts.at(-1)?.down(closed);
    expect(told.at(-1)).toContain('broker_unreachable The MQTT broker');
  });

  it('is not what a broker does that closes before it acknowledged anything, or that is away', () => {
    const { broker, told, live } = setUp();
    broker.wire.acknowledges = false;
    for (let round = 0; round < 6; round++) live(1000);
    broker.wire.acknowledges = true;
    for (let round = 0; round < 6; round++) {
      if (round % 2 === 0) live(5000);
      else broker.attempts.at(-1)?.down({ cause: 'refused', detail: 'ECONNREFUSED' });
    }
    expect(told.join()).not.toContain('client_id_taken');
  });

  it('does not hide that the broker went away meanwhile', () => {
    const { broker, told, live } = setUp();
    for (let round = 0; round < 3; round++) live(5000);
    broker.attempts.at(-1)?.down({ cause: 'refused', detail: 'ECONNREFUSED' });
    expect(told.at(-1)).toContain('broker_unreachable');
  });

  it('is taken back when this broker is left', async () => {
    const { told, live, session } = setUp();
    for (let round = 0; round < 3; round++) live(5000);
    await session.stop();
    expect(told.at(-1)).toBe('client_id_taken off');
  });
});
