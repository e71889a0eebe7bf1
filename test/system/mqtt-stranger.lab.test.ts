import { describe, expect, it } from 'vitest';
import { eventDocument } from '../mqtt/documents.ts';
import { until } from './mosquitto.ts';
import { connectTo, serve } from './mqtt-harness.ts';

describe('a session with something else than a broker', () => {
  it('tells one that accepts and never answers, and stops in time', async () => {
    const port = await serve(() => {});
    for (const scheme of ['mqtt', 'mqtts']) {
      const { session, conditions } = connectTo({ url: `${scheme}://127.0.0.1:${port}` });
      session.start();
      await until(() => conditions.length > 0);
      expect(conditions[0]).toContain('does not answer in time');
      await session.stop();
    }
  });

  it('tells one that takes the client and then falls silent, keeps the event, and stops in time', async () => {
    const port = await serve((socket) => void socket.write(Buffer.from([0x20, 2, 0, 0])));
    const { session, conditions } = connectTo({ url: `mqtt://127.0.0.1:${port}` });
    session.event(eventDocument(1));
    session.start();
    await until(() => conditions.length > 0);
    expect(conditions[0]).toContain('no PUBACK in 1 s');
    expect(session.unsent()).toHaveLength(1);
    await session.stop();
  });

  it('tells one that speaks something else', async () => {
    const port = await serve((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const plain = connectTo({ url: `mqtt://127.0.0.1:${port}` });
    plain.session.start();
    await until(() => plain.conditions.length > 0);
    const secure = connectTo({ url: `mqtts://127.0.0.1:${port}` });
    secure.session.start();
    await until(() => secure.conditions.length > 0);
    expect(secure.conditions[0]).toContain('does not speak TLS');
  });

  it('tells a host that does not exist', async () => {
    const { session, conditions } = connectTo({ url: 'mqtt://no-such-host.invalid' });
    session.start();
    await until(() => conditions.length > 0);
    expect(conditions[0]).toContain('no-such-host.invalid:1883 is not a known host name');
  });
});
