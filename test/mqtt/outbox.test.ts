import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutbox, type Outbox, outboxLimits, type Publish } from '../../daemon/mqtt/outbox.ts';

const waiting = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: `e${from + index}`, payload: `p${from + index}` }));

/** Takes and acknowledges everything that is due. */
function drain(outbox: Outbox): Publish[] {
  const sent: Publish[] = [];
  for (let message = outbox.next(); message; message = outbox.next()) {
    sent.push(message);
    outbox.settle();
  }
  return sent;
}

describe('outbox', () => {
  it('gives nothing while there is no connection', () => {
    const outbox = createOutbox('ev');
    outbox.keep('status', 's', 0);
    outbox.event({ id: 'a', payload: 'A' });
    expect(outbox.next()).toBeUndefined();
  });

  it('sends availability, info and status, then documents, then events, on every connect', () => {
    const outbox = createOutbox('ev');
    outbox.keep('availability', 'online', 1);
    outbox.keep('info', 'i', 0);
    outbox.event({ id: 'a', payload: 'A' });
    outbox.document('d/1', 'one');
    outbox.keep('status', 's', 0);
    outbox.connected();
    const first = drain(outbox);
    expect(first.map(({ topic }) => topic)).toEqual(['availability', 'info', 'status', 'd/1', 'ev']);
    expect(first[0]).toEqual({ topic: 'availability', payload: 'online', retain: true, qos: 1 });
    expect(first[4]).toEqual({ topic: 'ev', payload: 'A', retain: false, qos: 1 });
    outbox.disconnected();
    outbox.connected();
    expect(drain(outbox).map(({ topic }) => topic)).toEqual(['availability', 'info', 'status', 'd/1']);
  });

  it('sends only what changed while connected, and events before states', () => {
    const outbox = createOutbox('ev');
    outbox.keep('status', 's', 0);
    outbox.document('d', '1');
    outbox.connected();
    drain(outbox);
    outbox.document('d', '1');
    outbox.keep('status', 's', 0);
    expect(drain(outbox)).toEqual([]);
    outbox.document('d', '2');
    outbox.document('d', '3');
    outbox.event({ id: 'a', payload: 'A' });
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['A', '3']);
  });

  it('sends a value again that changed while it was in flight', () => {
    const outbox = createOutbox('ev');
    outbox.connected();
    outbox.document('d', '1');
    expect(outbox.next()?.payload).toBe('1');
    expect(outbox.next()).toBeUndefined();
    outbox.document('d', '2');
    outbox.settle();
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['2']);
  });

  it('deletes a document with an empty payload, on every connect until the broker has it', () => {
    const outbox = createOutbox('ev');
    outbox.document('d', '1');
    outbox.document('d', undefined);
    outbox.connected();
    expect(outbox.next()).toEqual({ topic: 'd', payload: '', retain: true, qos: 1 });
    outbox.disconnected();
    outbox.connected();
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['']);
    outbox.disconnected();
    outbox.connected();
    expect(drain(outbox)).toEqual([]);
  });

  it('keeps a document that came back while its deletion was in flight', () => {
    const outbox = createOutbox('ev');
    outbox.connected();
    outbox.document('d', undefined);
    outbox.next();
    outbox.document('d', 'again');
    outbox.settle();
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['again']);
    outbox.connected();
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['again']);
  });

  it('drops the documents that changed least recently, and counts them', () => {
    const outbox = createOutbox('ev', { documents: 3, events: 2, answers: 4 });
    outbox.keep('status', 's', 0);
    for (const name of ['a', 'b', 'c']) outbox.document(name, '1');
    outbox.document('a', '2');
    outbox.document('d', '1');
    outbox.connected();
    expect(drain(outbox).map(({ topic }) => topic)).toEqual(['status', 'c', 'a', 'd']);
    expect(outbox.dropped()).toEqual({ documents: 1, events: 0 });
  });

  it('keeps what belongs to an incident however often the connection comes and goes meanwhile', () => {
    const outbox = createOutbox('ev');
    const incident = ['home-20261121T140203Z-7.1', 'home-20261121T140203Z-7.2'];
    for (const id of incident) outbox.event({ id, payload: id });
    for (const { id, payload } of waiting(1000)) outbox.event({ id: `home-20261121T150000Z-${id}`, payload });
    const ids = outbox.unsent().map(({ id }) => id);
    expect(ids).toHaveLength(outboxLimits.events);
    expect(ids.slice(0, 2)).toEqual(incident);
    expect(ids.at(-1)).toBe('home-20261121T150000Z-e999');
    expect(outbox.dropped().events).toBe(1002 - outboxLimits.events);
    // Of incidents alone the oldest goes.
    for (let i = 3; i <= 300; i++) outbox.event({ id: `home-20261121T140203Z-7.${i}`, payload: '' });
    expect(outbox.unsent().map(({ id }) => id)).toEqual(
      Array.from({ length: 256 }, (_, index) => `home-20261121T140203Z-7.${45 + index}`),
    );
  });

  it('drops the oldest events, and counts them', () => {
    const outbox = createOutbox('ev', { documents: 3, events: 2, answers: 4 });
    for (const event of waiting(5)) outbox.event(event);
    expect(outbox.unsent().map(({ id }) => id)).toEqual(['e3', 'e4']);
    expect(outbox.dropped().events).toBe(3);
  });

  it('does not lose the next event when the one in flight is dropped', () => {
    const outbox = createOutbox('ev', { documents: 3, events: 2, answers: 4 });
    outbox.connected();
    outbox.event({ id: 'a', payload: 'A' });
    outbox.next();
    for (const event of waiting(2)) outbox.event(event);
    outbox.settle();
    expect(drain(outbox).map(({ payload }) => payload)).toEqual(['p0', 'p1']);
  });

  it('counts an event as sent at its acknowledgement only', () => {
    const outbox = createOutbox('ev');
    for (const event of waiting(3)) outbox.event(event);
    outbox.connected();
    outbox.next();
    outbox.settle();
    outbox.next();
    outbox.disconnected();
    expect(outbox.unsent().map(({ id }) => id)).toEqual(['e1', 'e2']);
  });

  it('puts restored events first, without repeating any', () => {
    const outbox = createOutbox('ev');
    for (const event of waiting(2, 2)) outbox.event(event);
    outbox.restore(waiting(3));
    expect(outbox.unsent().map(({ id }) => id)).toEqual(['e0', 'e1', 'e2', 'e3']);
  });

  it('holds its bounds and its order through any history', () => {
    const limits = { documents: 4, events: 5, answers: 4 };
    const step = fc.oneof(
      fc.record({
        do: fc.constant('document' as const),
        topic: fc.integer({ min: 0, max: 9 }),
        value: fc.nat(3),
      }),
      fc.constant({ do: 'event' as const }),
      fc.constant({ do: 'connect' as const }),
      fc.constant({ do: 'disconnect' as const }),
      fc.constant({ do: 'next' as const }),
      fc.constant({ do: 'settle' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const outbox = createOutbox('ev', limits);
        const broker = new Map<string, string>();
        const last = new Map<string, string | undefined>();
        const received: number[] = [];
        let made = 0;
        let flying: Publish | undefined;
        const settle = () => {
          if (flying?.retain) broker.set(flying.topic, flying.payload);
          else if (flying) received.push(Number(flying.payload));
          flying = undefined;
          outbox.settle();
        };
        for (const each of steps) {
          if (each.do === 'document') {
            const payload = each.value === 0 ? undefined : String(each.value);
            last.set(`d${each.topic}`, payload);
            outbox.document(`d${each.topic}`, payload);
          } else if (each.do === 'event') {
            outbox.event({ id: String(made), payload: String(made++) });
          } else if (each.do === 'connect' || each.do === 'disconnect') {
            flying = undefined;
            each.do === 'connect' ? outbox.connected() : outbox.disconnected();
          } else if (each.do === 'next') {
            flying = outbox.next() ?? flying;
          } else if (flying) {
            settle();
          }
          expect(outbox.unsent().length).toBeLessThanOrEqual(limits.events);
        }
        outbox.connected();
        flying = undefined;
        let round = 0;
        for (let message = outbox.next(); message; message = outbox.next()) {
          flying = message;
          settle();
          expect(++round).toBeLessThanOrEqual(limits.documents + limits.events);
        }
        // In order, none twice (nothing was settled that the outbox did not count), all but the dropped.
        expect(received).toEqual([...new Set(received)].sort((a, b) => a - b));
        expect(received.length + outbox.dropped().events).toBeGreaterThanOrEqual(made);
        if (outbox.dropped().documents === 0) {
          for (const [topic, payload] of last) expect(broker.get(topic) ?? '').toBe(payload ?? '');
        }
      }),
    );
  });

  it('has the bounds of the design', () => {
    expect(outboxLimits).toEqual({ documents: 1024, events: 256, answers: 16 });
  });
});
