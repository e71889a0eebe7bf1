import { expect, test } from 'vitest';
import { verbs } from '../../daemon/control/request.ts';
import { verbsAllowed } from '../../daemon/mqtt/requests.ts';
import { createSession } from '../../daemon/mqtt/session.ts';
import { topicsOf } from '../../daemon/mqtt/topics.ts';
import { config, keyOf, laptop, servers, tv, type World, world } from '../engine/world.ts';
import { createClock } from './clock.ts';
import { info, mqttConfig } from './documents.ts';
import { createWire } from './wire.ts';

/** What 100,000 payloads are made of; the same each time. */
function createDice() {
  let seed = 1;
  return (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

/** All that a request could change: holds, releases, allowances, the pause, the configuration, what is remembered, the kernel. */
function whatHolds(made: World) {
  const { config: settings, records, incidents, conditions, pausedUntilMs, sequence } = made.state;
  const all = { settings, records, incidents, conditions, pausedUntilMs, sequence, ruleset: made.ruleset() };
  return structuredClone(all);
}

/** A home in which one device is blocked, one may use a relay, and whoever has the broker's login may ask for everything. */
function home() {
  const mqtt = { ...mqttConfig, commands: 'all' as const };
  const made = world({ mqtt: { ...config().mqtt, ...mqtt } });
  for (const { address } of [tv, laptop]) made.open(address, servers[0] ?? '', 587);
  made.ask('block', { device: keyOf(tv) });
  made.ask('allow', { device: keyOf(laptop), relay: '192.0.2.7:587' });
  made.effects.length = 0;
  const clock = createClock();
  const broker = createWire();
  let asked = 0;
  const session = createSession({
    ...{ config: mqtt, node: 'home', info, client: broker.client, timers: clock.timers, random: 0.5 },
    onCondition: () => {},
    onRequest(request, reply) {
      asked++;
      for (const effect of made.give({ type: 'request', request, origin: 'mqtt', replyTo: 1 }))
        if (effect.type === 'reply') reply(effect.answer);
    },
  });
  session.start();
  broker.attempts[0]?.up();
  const topics = topicsOf(mqtt.base, 'home');
  const say = (verb: string, payload: string, retained = false) =>
    broker.attempts[0]?.message({ topic: topics.request('test').replace(/test$/, verb), payload, retained });
  return { made, clock, broker, say, asked: () => asked };
}

test('100,000 hostile requests change nothing: neither whom the guard holds, nor whom it lets go, nor its settings', () => {
  const { made, clock, broker, say, asked } = home();
  const before = whatHolds(made);
  const random = createDice();
  const pick = <Item>(from: readonly Item[]): Item => from[random(from.length)] as Item;
  const text = (length: number) =>
    Array.from({ length }, () => String.fromCharCode(random(random(2) === 0 ? 128 : 65_536))).join('');

  // Nobody's, and otherwise as good as can be; with the verbs that name no device they would be good.
  const good = (verb: string) =>
    JSON.stringify({
      ...{ device: pick(['ec71db001122', '192.168.1.99', 'router', 'camera', '__proto__', '*']) },
      ...(verb === 'allow' ? { relay: '192.0.2.7:587' } : {}),
      ...(verb === 'pin' ? { on: false } : {}),
      ...{ for: pick(['10m', '1h', '1d']), transaction: 't1' },
    });
  const changed = (payload: string): string => {
    let now = payload;
    for (let changes = random(5); changes > 0; changes--) {
      const at = random(now.length);
      now = now.slice(0, at) + text(1) + now.slice(at + random(3));
    }
    return now;
  };
  const ours = { device: keyOf(tv), relay: '192.0.2.8:587', for: '1h' };
  const hostile: readonly (() => readonly [verb: string, payload: string, retained?: boolean])[] = [
    () => {
      const verb = pick(verbsAllowed.all.filter((one) => !['test', 'pause', 'resume'].includes(one)));
      return [verb, changed(good(verb))];
    },
    // What is there, with one argument too many, too few, of another type or for too long.
    () => [
      pick(verbsAllowed.all),
      JSON.stringify({
        ...ours,
        ...pick([{ for: 3600 }, { for: '25h' }, { for: 'reboot' }, { device: [keyOf(tv)] }, { force: true }]),
        ...{ incident: '1', on: 0, mode: 'observe' },
      }),
    ],
    () => [pick(verbsAllowed.all), changed('{"mode":"observe","commands":"all","for":"1h"}')],
    () => [pick(verbsAllowed.all), `${text(random(300))}"`],
    () => [
      pick(verbsAllowed.all),
      JSON.stringify({ device: keyOf(tv), for: `${'1'.repeat(random(3000))}${text(9)}` }),
    ],
    // Good ones that nobody is to hear: what lies at the broker, verbs that there are not here, and none at all.
    () => [pick(['block', 'release', 'forget', 'resume']), JSON.stringify({ device: keyOf(tv) }), true],
    () => [
      pick([...verbs.filter((verb) => !verbsAllowed.all.some((one) => one === verb)), '__proto__', '', '+']),
      JSON.stringify({ device: keyOf(tv), for: '1h' }),
    ],
  ];
  const effects = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    say(...pick(hostile)());
    for (const { type } of made.effects) effects.add(type);
    made.effects.length = 0;
    // Not ten a minute, so that none is refused for its number.
    clock.advance(6001);
  }
  expect([...effects]).toEqual(['reply']);
  expect(whatHolds(made)).toEqual(before);
  // They were read: some came as far as the engine, and each that was heard has an answer that says no.
  expect(asked()).toBeGreaterThan(3000);
  const answers = broker.sent.filter(({ topic }) => topic.includes('/response/'));
  expect(answers.length).toBeGreaterThan(60_000);
  expect(answers.filter(({ payload }) => !payload.includes('"status":"error"'))).toEqual([]);
  expect(answers.filter(({ payload }) => payload.includes('too_many'))).toEqual([]);

  // And the road was open: a good one is carried out.
  say('release', JSON.stringify({ device: keyOf(tv), for: '10m' }));
  expect(whatHolds(made)).not.toEqual(before);
});
