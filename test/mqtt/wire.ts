import type { BrokerEvents, BrokerPort } from '../../daemon/mqtt/broker-port.ts';
import type { Publish } from '../../daemon/mqtt/outbox.ts';

/** A broker at the end of a wire that the test holds. */
export function createWire({ acknowledges = true } = {}) {
  const attempts: BrokerEvents[] = [];
  const sent: Publish[] = [];
  const acknowledgements: (() => void)[] = [];
  const calls: string[] = [];
  const subscribed: (readonly string[])[] = [];
  const wire = { acknowledges, attempts, sent, acknowledgements, calls, subscribed, depth: 0, deepest: 0 };
  const client: BrokerPort = {
    connect(_options, on) {
      attempts.push(on);
      return {
        publish(message, done) {
          sent.push(message);
          if (!wire.acknowledges) {
            acknowledgements.push(done);
            return;
          }
          wire.depth++;
          wire.deepest = Math.max(wire.deepest, wire.depth);
          done();
          wire.depth--;
        },
        subscribe: (topics) => void subscribed.push(topics),
        end(done) {
          calls.push('end');
          done();
        },
        destroy: () => void calls.push('destroy'),
      };
    },
  };
  return { ...wire, wire, client };
}
