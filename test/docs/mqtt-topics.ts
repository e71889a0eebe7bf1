import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { BrokerEvents } from '../../daemon/mqtt/broker-port.ts';
import { discoveryTopics } from '../../daemon/mqtt/discovery.ts';
import type { Publish } from '../../daemon/mqtt/outbox.ts';
import { createSession } from '../../daemon/mqtt/session.ts';
import { topicsOf } from '../../daemon/mqtt/topics.ts';
import { createClock } from '../mqtt/clock.ts';
import { deviceDocument, eventDocument, info, mqttConfig, statusDocument } from '../mqtt/documents.ts';
import type { DiscoveryName, TopicName } from './mqtt-words.ts';

/** How one topic is used, as a session of the daemon did it. */
export interface TopicUse {
  /** With `<node>`, `<key>` and `<verb>` where those stand. */
  readonly topic: string;
  readonly isOurs: boolean;
  /** Of ours: whether the broker keeps it. Of others': whether one that the broker kept is listened to. */
  readonly isRetained: boolean;
  /** Of ours. */
  readonly qos: readonly number[];
  /** Of ours that are deleted: how. */
  readonly deletionQos: readonly number[];
}

const node = 'NODE';
const key = 'KEY' as DeviceKey;
const topics = topicsOf(mqttConfig.base, node);
const found = discoveryTopics('homeassistant', node);

const topicNames: Readonly<Record<TopicName, string>> = {
  availability: topics.availability,
  info: topics.info,
  status: topics.status,
  device: topics.device(key),
  event: topics.event,
  request: topics.request('test'),
  response: topics.response('test'),
};

const discoveryNames: Readonly<Record<DiscoveryName, string>> = {
  router: found.router,
  device: found.device(key),
  birth: 'homeassistant/status',
};

/** What a session says and hears that has something of everything to say, and is asked on every topic that it hears. */
function talk() {
  const clock = createClock();
  const sent: Publish[] = [];
  const heard: string[] = [];
  let on: BrokerEvents | undefined;
  const session = createSession({
    config: { ...mqttConfig, discovery: 'homeassistant', commands: 'safe' },
    ...{ node, info, timers: clock.timers, random: 0 },
    client: {
      connect({ will }, events) {
        sent.push(will);
        on = events;
        return {
          publish(message, done) {
            sent.push(message);
            done();
          },
          subscribe: (filters) => void heard.push(...filters),
          end: (done) => done(),
          destroy: () => undefined,
        };
      },
    },
    onCondition: () => undefined,
    onRequest: (_request, reply) => reply({ ok: true, data: {} }),
  });
  session.status(statusDocument());
  session.device(key, deviceDocument());
  session.event(eventDocument(1));
  session.start();
  on?.up();
  clock.advance(1000);
  session.device(key, undefined);
  clock.advance(1000);
  const isAnswered = (topic: string, retained: boolean) => {
    const before = sent.length;
    on?.message({ topic, payload: topic === discoveryNames.birth ? 'online' : '{}', retained });
    clock.advance(31_000);
    return sent.length > before;
  };
  /** Of those that others write to: whether a retained message is listened to; only then one that is not. */
  const others = new Map(
    [topicNames.request, discoveryNames.birth]
      .filter((topic) => heard.includes(topic))
      .map((topic) => [topic, { retained: isAnswered(topic, true), live: isAnswered(topic, false) }]),
  );
  return { sent, others };
}

const readable = (topic: string) =>
  topic
    .replace(`${mqttConfig.base}/${node}/`, '')
    .replace(node, '<node>')
    .replace(key, '<key>')
    .replace(/\/test$/, '/<verb>');

/** How each topic of `names` is used; throws where a session neither writes to one nor listens to it. */
function usesOf<Name extends string>(names: Readonly<Record<Name, string>>): ReadonlyMap<Name, TopicUse> {
  const { sent, others } = talk();
  const uses = (Object.entries(names) as [Name, string][]).map(([name, topic]): [Name, TopicUse] => {
    const messages = sent.filter((message) => message.topic === topic);
    const answered = others.get(topic);
    if (messages.length === 0 && !answered?.live) throw new Error(`a session leaves ${topic} alone`);
    const qosWhere = (isDeletion: boolean) => [
      ...new Set(messages.filter(({ payload }) => (payload === '') === isDeletion).map(({ qos }) => qos)),
    ];
    return [
      name,
      {
        topic: readable(topic),
        isOurs: messages.length > 0,
        isRetained:
          messages.length > 0 ? messages.every(({ retain }) => retain) : answered?.retained === true,
        qos: qosWhere(false),
        deletionQos: qosWhere(true),
      },
    ];
  });
  return new Map(uses);
}

/** The topics of a router, each as a session of the daemon uses it. */
export const topicUses = () => usesOf(topicNames);
/** Home Assistant's, likewise. */
export const discoveryUses = () => usesOf(discoveryNames);
