import { printable } from './control/printable.ts';
import type { Answer } from './control/request.ts';
import { isoTime } from './engine/iso-time.ts';
import type { CarryOut } from './main-broker.ts';
import type { Running } from './main-running.ts';
import type { WaitingEvent } from './mqtt/outbox.ts';
import { createSession, type Session } from './mqtt/session.ts';
import { mqttBrokerPort } from './system/mqtt-client.ts';
import { systemTimers } from './system/timers.ts';
import { version } from './system/version.ts';

/**
 * A session with the broker, which is yet to be started. A file of its own beside the bundle: a home without a broker does
 * not load a third of the code. Events of an earlier run that no broker acknowledged come first.
 */
export function openSession(running: Running, unsent: readonly WaitingEvent[], carryOut: CarryOut): Session {
  const { config, bootWallMs } = running.state;
  const session = createSession({
    config: config.mqtt,
    node: config.node,
    info: { schema: 1, node: config.node, version, started: isoTime(bootWallMs) },
    client: mqttBrokerPort,
    timers: systemTimers,
    random: Math.random(),
    onRequest(asked, reply) {
      const answered = (answer: Answer) => {
        const words = [asked.do, ...Object.entries(asked.args).map(([name, value]) => `${name} ${value}`)];
        const outcome = answer.ok ? 'done' : answer.error.message;
        running.log.write('info', printable(`MQTT asked: ${words.join(', ')}: ${outcome}`));
        reply(answer);
      };
      carryOut(asked, answered, 'mqtt');
    },
    onCondition: (condition) => running.dispatch({ type: 'condition', ...condition }),
  });
  session.restore(unsent);
  return session;
}
