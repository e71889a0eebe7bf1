import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConnection, maxWaiting } from '../../daemon/control/connection.ts';
import type { Answer, Request } from '../../daemon/control/request.ts';

function setUp() {
  const written: string[] = [];
  const requests: { request: Request; reply: (answer: Answer) => void }[] = [];
  let ended = false;
  const connection = createConnection(
    {
      write: (line) => void written.push(line),
      end: () => {
        ended = true;
      },
    },
    (request, reply) => void requests.push({ request, reply }),
  );
  const send = (text: string) => connection.receive(new TextEncoder().encode(text));
  return { connection, send, written, requests, ended: () => ended };
}

const status = (id: number) => `{"v":1,"id":${id},"do":"status"}\n`;
const ok: Answer = { ok: true, data: 1 };

describe('control connection', () => {
  it('answers each request once, in any order', () => {
    const { send, requests, written, connection } = setUp();
    send(status(1) + status(2));
    requests[1]?.reply(ok);
    requests[0]?.reply(ok);
    requests[0]?.reply(ok);
    expect(written).toEqual(['{"id":2,"ok":true,"data":1}\n', '{"id":1,"ok":true,"data":1}\n']);
    expect(connection.waiting()).toBe(0);
  });

  it('refuses the ninth request that waits, and goes on after an answer', () => {
    const { send, requests, written } = setUp();
    for (let id = 1; id <= maxWaiting + 1; id++) send(status(id));
    expect(requests).toHaveLength(maxWaiting);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('"code":"too_many"');
    requests[0]?.reply(ok);
    send(status(10));
    expect(requests).toHaveLength(maxWaiting + 1);
  });

  it('ends with an error after a line that is too long', () => {
    const { send, written, ended, requests } = setUp();
    send('x'.repeat(70_000));
    expect(written[0]).toContain('longer than 64 KB');
    expect(ended()).toBe(true);
    send(status(1));
    expect(requests).toEqual([]);
    expect(written).toHaveLength(1);
  });

  it('writes nothing to a client that is gone', () => {
    const { send, requests, written, connection } = setUp();
    send(status(1));
    connection.closed();
    requests[0]?.reply(ok);
    expect(written).toEqual([]);
  });

  it('gives every line of arbitrary bytes one answer', () => {
    const chunk = fc.oneof(fc.uint8Array(), fc.constant(new TextEncoder().encode(status(1))));
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const { connection, requests, written } = setUp();
        for (const each of chunks) {
          connection.receive(each);
          for (const { reply } of requests) reply(ok);
        }
        const lines = chunks.flatMap((each) => [...each]).filter((byte) => byte === 10).length;
        expect(written).toHaveLength(lines);
      }),
    );
  });
});
