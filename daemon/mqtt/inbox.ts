import { requestError } from '../control/protocol.ts';
import type { Answer, Request, Verb } from '../control/request.ts';
import type { Received, Timers } from './broker-port.ts';
import { discoveryTopics } from './discovery.ts';
import type { Outbox } from './outbox.ts';
import { createOwnTopics } from './own-topics.ts';
import { createRate, readRequest, requestsPerMinute, responseText, verbsAllowed } from './requests.ts';
import { requestedVerb, type Topics } from './topics.ts';

export interface InboxOptions {
  readonly topics: Topics;
  readonly node: string;
  /** Home Assistant's discovery prefix; empty where it is off. */
  readonly discovery: string;
  readonly commands: 'off' | 'safe' | 'all';
  readonly outbox: Outbox;
  readonly timers: Timers;
  /** From 0 to 1: routers that share a Home Assistant must not answer its birth together. */
  readonly random: number;
  /** Carries a request out; undefined where nothing is to be carried out. */
  readonly onRequest: (request: Request, reply: (answer: Answer) => void) => void;
  /** Somebody else wrote to our topics: so many times since it began; 0 when it has ended. */
  readonly onForged: (times: number) => void;
  /** The broker does not hand back to us what we write, so it does not let us read; or it does again. */
  readonly onDeaf: (isDeaf: boolean) => void;
  /** Something is due. */
  readonly pump: () => void;
}

/** What comes from the broker. */
export interface Inbox {
  readonly subscriptions: readonly string[];
  /** A connection began. */
  readonly connected: () => void;
  /** We wrote this, retained. */
  readonly sent: (topic: string, payload: string) => void;
  readonly take: (message: Received) => void;
  readonly stop: () => void;
}

/** Home Assistant is answered after 1 to 5 s, as it asks for. */
const birthMs = { least: 1000, spread: 4000 } as const;
/** And so often: everything is said again each time, and anybody may write there. */
const birthRestMs = 30_000;
/** Longer than any topic of ours: what is written there is nobody's document, and not worth its place. */
const maxTopicLength = 256;
/** Topics that wait to be set right, and how many of them at a time: whoever writes to them must not keep us busy. */
const maxWrong = 1024;
const rightingMs = 250;
const rightedAtOnce = 8;
/** Our own word comes back within this, or not at all. */
const echoMs = 10_000;
/** Without a stranger's word for so long, it is over. */
const forgedMs = 600_000;

/** Reads requests, Home Assistant's birth, and what others write to our topics, which is written over. */
export function createInbox(options: InboxOptions): Inbox {
  const { topics, node, discovery, outbox, timers, pump } = options;
  const own = createOwnTopics(outbox.retained);
  const allowed: readonly Verb[] = verbsAllowed[options.commands];
  const mayAsk = createRate(requestsPerMinute);
  const mayHearNo = createRate(1);
  const birth = discovery === '' ? undefined : `${discovery}/status`;
  /** What makes the entities of the router; without them Home Assistant tells nobody anything. */
  const announced = discovery === '' ? undefined : discoveryTopics(discovery, node).router;
  /** Bound: maxWrong. */
  const wrong = new Set<string>();
  let forged = 0;
  let cancelBirth: (() => void) | undefined;
  let answeredMs = Number.NEGATIVE_INFINITY;
  let cancelRighting: (() => void) | undefined;
  let cancelForged = () => {};
  let cancelEcho = () => {};
  let isDeaf = false;
  /** Whether what we write may still come back on this connection. */
  let comesBack = false;

  function answerBirth(): void {
    const restMs = answeredMs + birthRestMs - timers.nowMs();
    cancelBirth ??= timers.after(Math.max(birthMs.least + options.random * birthMs.spread, restMs), () => {
      cancelBirth = undefined;
      answeredMs = timers.nowMs();
      outbox.redoAll();
      pump();
    });
  }

  function ask(verb: Verb, payload: string): void {
    const read = readRequest(verb, payload);
    const respond = (answer: Answer) => {
      const text = responseText(answer, read.transaction);
      outbox.say({ topic: topics.response(verb), payload: text, retain: false, qos: 0 });
      pump();
    };
    const nowMs = timers.nowMs();
    if (!mayAsk(nowMs)) {
      const message = `More than ${requestsPerMinute} requests came within a minute`;
      if (mayHearNo(nowMs))
        respond({ ok: false, error: requestError('too_many', message, 'Ask more slowly.') });
    } else if ('fault' in read) respond(read.fault);
    else options.onRequest(read.request, respond);
  }

  function setRight(topic: string): void {
    if (topic.length > maxTopicLength) return;
    if (wrong.size < maxWrong) wrong.add(topic);
    cancelRighting ??= timers.after(rightingMs, rightSome);
  }

  function rightSome(): void {
    cancelRighting = undefined;
    for (const topic of [...wrong].slice(0, rightedAtOnce)) {
      wrong.delete(topic);
      if (outbox.retained(topic) === undefined) outbox.say({ topic, payload: '', retain: true, qos: 0 });
      else outbox.redo(topic);
    }
    if (wrong.size > 0) cancelRighting = timers.after(rightingMs, rightSome);
    pump();
  }

  function hear(isHeard: boolean): void {
    cancelEcho();
    if (isDeaf !== isHeard) return;
    isDeaf = !isHeard;
    options.onDeaf(isDeaf);
  }

  function strangerWrote(topic: string): void {
    forged++;
    options.onForged(forged);
    cancelForged();
    cancelForged = timers.after(forgedMs, () => {
      forged = 0;
      options.onForged(0);
    });
    setRight(topic);
  }

  return {
    subscriptions: [
      ...[topics.availability, topics.info, topics.status, topics.devices],
      ...allowed.map(topics.request),
      ...(birth === undefined || announced === undefined ? [] : [birth, announced]),
    ],
    connected() {
      own.connected();
      comesBack = true;
      wrong.clear();
      cancelEcho();
      cancelEcho = timers.after(echoMs, () => {
        comesBack = false;
        hear(false);
      });
    },
    sent(topic, payload) {
      // What is said of devices to Home Assistant does not come back, nor does anything from a broker that lets us read nothing.
      if ((topics.isOurs(topic) || topic === announced) && comesBack) own.sent(topic, payload);
    },
    take({ topic, payload, retained }) {
      if (topic === birth) {
        if (payload === 'online') answerBirth();
        return;
      }
      const verb = requestedVerb(topics, topic);
      if (verb) {
        // One that lies at the broker would be carried out at every connection.
        if (!retained && allowed.includes(verb)) ask(verb, payload);
        return;
      }
      if (topic === topics.availability) hear(true);
      const author = own.received(topic, payload, retained);
      if (author === 'stranger') strangerWrote(topic);
      // What we said in an earlier life of a device that is forgotten since.
      else if (author === 'stale' && outbox.retained(topic) === undefined) {
        const key = topics.keyOf(topic);
        // First, since Home Assistant takes an empty document for a broken one.
        if (key !== undefined && discovery !== '') setRight(discoveryTopics(discovery, node).device(key));
        setRight(topic);
      }
    },
    stop() {
      cancelBirth?.();
      cancelRighting?.();
      cancelForged();
      if (forged > 0) options.onForged(0);
      hear(true);
    },
  };
}
