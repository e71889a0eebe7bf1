// Many nodes in one process, as a parent tells them: node FILE PORT,PORT,PORT FIRST COUNT
import { createSession } from '../../daemon/mqtt/session.ts';
import { mqttBrokerPort } from '../../daemon/system/mqtt-client.ts';
import { systemTimers } from '../../daemon/system/timers.ts';
import { info, mqttConfig } from '../mqtt/documents.ts';
import { makeHome, renamed } from './fleet-home.ts';
import { type FromNodes, nodeName, type ToNodes } from './fleet-words.ts';

const [, , portWords = '', first = '0', count = '0'] = process.argv;
const ports = portWords.split(',').map(Number);
const home = makeHome();
let connections = 0;

const nodes = Array.from({ length: Number(count) }, (_, index) => {
  const number = Number(first) + index;
  const node = nodeName(number);
  const { status, devices, events } = renamed(home, node);
  let attempts = number;
  const session = createSession({
    config: { ...mqttConfig, discovery: 'homeassistant' },
    ...{ node, info: { ...info, node }, timers: systemTimers, random: Math.random() },
    // In place of the name of a cluster, which has an address for each of its brokers.
    client: {
      connect(options, on) {
        connections++;
        return mqttBrokerPort.connect({ ...options, port: ports[attempts++ % ports.length] ?? 0 }, on);
      },
    },
    onCondition: () => undefined,
    onRequest: () => undefined,
  });
  session.status(status);
  for (const document of devices) session.device(document.device, document);
  const rest = [...events];
  const tellNext = () => {
    const event = rest.shift();
    if (event) session.event(event);
    return event !== undefined;
  };
  // Behind all that is retained: when it is acknowledged, the broker has read the rest.
  tellNext();
  return { session, tellNext };
});

const say = (word: FromNodes) => process.send?.(word);

/** Waits until no event is without an acknowledgement. */
function untilSent(then: () => void): void {
  const waiting = () => nodes.filter(({ session }) => session.unsent().length > 0).length;
  const look = setInterval(() => {
    if (waiting() > 0) return;
    clearInterval(look);
    then();
  }, 20);
}

process.on('message', (word: ToNodes) => {
  if (word.do === 'start') {
    for (const { session } of nodes) session.start();
    untilSent(() => say({ done: 'start', connections }));
  } else if (word.do === 'events') {
    let left = nodes.length;
    for (const { tellNext } of nodes) {
      const next = () => {
        if (tellNext()) setTimeout(next, word.everyMs);
        else if (--left === 0) untilSent(() => say({ done: 'events', connections }));
      };
      setTimeout(next, Math.random() * word.everyMs);
    }
  } else {
    void Promise.all(nodes.map(({ session }) => session.stop())).then(() => process.exit(0));
  }
});
say({ done: 'made', connections });
