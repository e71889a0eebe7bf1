import { describe, expect, test } from 'vitest';
import { remoteHolds } from '../../daemon/engine/on-remote-request.ts';
import { config, keyOf, laptop, servers, stateOf, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;
const { mqtt } = config();
/** A home whose broker may ask for so much, in which both devices have mailed. */
function home(commands: 'safe' | 'all', changes: Parameters<typeof world>[0] = {}): World {
  const made = world({ mqtt: { ...mqtt, commands }, ...changes });
  made.refresh();
  for (const { address } of [tv, laptop]) made.open(address, servers[0] ?? '', 587);
  return made;
}
const endOf = (made: World, of: typeof tv) => {
  const end = made.state.records.get(keyOf(of))?.ban?.endMs;
  return end === undefined ? undefined : end - made.nowMs;
};
const refusal = (answer: ReturnType<World['ask']>) => (answer.ok ? 'done' : answer.error.code);
const device = keyOf(tv);

describe('what is asked over MQTT', () => {
  test('holds for an hour unless a shorter time is given, and says where it came from', () => {
    const made = home('safe');
    expect(refusal(made.ask('block', { device }, 'mqtt'))).toBe('done');
    expect([stateOf(made, tv), endOf(made, tv)]).toEqual(['blocked', hourMs]);
    const texts = made.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document.text] : []));
    expect(texts.join()).toContain('It was asked for over MQTT.');
    expect(refusal(made.ask('restrict', { device: keyOf(laptop), for: '10m' }, 'mqtt'))).toBe('done');
    expect(endOf(made, laptop)).toBe(600_000);
  });

  test.each([
    ['safe', 'block', '2h'],
    ['safe', 'block', 'reboot'],
    ['safe', 'block', 'for ever'],
    ['safe', 'watch', '30d'],
    ['all', 'watch', '2d'],
    ['all', 'block', 'reboot'],
    ['all', 'release', 'reboot'],
    ['all', 'pause', '2d'],
    ['all', 'allow', '25h'],
  ] as const)('with %s never lasts for ever: %s %s', (commands, verb, lasting) => {
    const made = home(commands);
    const relay = verb === 'allow' ? { relay: '192.0.2.7:587' } : {};
    const target = verb === 'pause' ? {} : { device };
    expect(refusal(made.ask(verb, { ...target, ...relay, for: lasting }, 'mqtt'))).toBe('bad_argument');
    expect(stateOf(made, tv)).toBeUndefined();
    expect(made.state.pausedUntilMs).toBeUndefined();
    expect(made.state.records.get(device)?.probationUntilMs).toBeUndefined();
  });

  test('with all ends by itself though nobody said when', () => {
    const made = home('all');
    expect(refusal(made.ask('allow', { device, relay: '192.0.2.7:587' }, 'mqtt'))).toBe('done');
    expect(made.state.records.get(device)?.allowances).toMatchObject([{ endMs: made.nowMs + hourMs }]);
    expect(refusal(made.ask('pause', {}, 'mqtt'))).toBe('done');
    expect(made.state.pausedUntilMs).toBe(made.nowMs + hourMs);
  });

  test('names no device that never mailed, so that nobody can fill the memory with devices', () => {
    const made = home('all');
    const before = made.state.records.size;
    for (let i = 0; i < 600; i++) {
      const stranger = i.toString(16).padStart(12, '0');
      expect(refusal(made.ask('block', { device: stranger }, 'mqtt'))).toBe('unknown_device');
    }
    expect(made.state.records.size).toBe(before);
    // At the router it can be done.
    expect(refusal(made.ask('block', { device: '0200000000aa' }))).toBe('done');
  });
});

describe('with safe, whoever has the login', () => {
  /** Lets the device do what it is blocked for. */
  function offend(made: World): void {
    for (const server of servers.slice(0, 5)) {
      const flow = made.open(tv.address, server);
      const answer = { kind: 'update', tcpState: 'ESTABLISHED', replied: true, assured: true } as const;
      made.give({ type: 'flow', flow: { ...flow, ...answer } });
    }
    expect(stateOf(made, tv)).toBe('blocked');
  }

  test.each(['slow', 'restrict', 'block'] as const)('cannot weaken what the guard holds by %s', (verb) => {
    const made = home('safe');
    offend(made);
    const before = made.state.records.get(device)?.ban;
    for (const lasting of ['1s', '10m', '1h'])
      expect(refusal(made.ask(verb, { device, for: lasting }, 'mqtt'))).toBe('not_allowed');
    expect(made.state.records.get(device)?.ban).toBe(before);
  });

  test('may take back what was allowed, which makes the guard stronger, and says where that came from', () => {
    const made = home('safe');
    offend(made);
    const relay = '192.0.2.7:587';
    made.ask('allow', { device, relay });
    expect(refusal(made.ask('disallow', { device, relay }, 'mqtt'))).toBe('done');
    expect(made.state.records.get(device)?.allowances).toEqual([]);
    const told = made.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : [])).at(-1);
    expect(told).toMatchObject({ type: 'disallowed', text: expect.stringContaining('over MQTT') });
    expect(refusal(made.ask('disallow', { device, relay }, 'mqtt'))).toBe('bad_argument');
    expect(refusal(made.ask('disallow', { device: '0200000000aa', relay }, 'mqtt'))).toBe('unknown_device');
  });

  test('cannot shorten a hold by a stronger one', () => {
    const made = home('safe');
    made.ask('restrict', { device, for: '6h' });
    expect(refusal(made.ask('block', { device, for: '1h' }, 'mqtt'))).toBe('not_allowed');
    made.ask('restrict', { device });
    expect(refusal(made.ask('block', { device, for: '1h' }, 'mqtt'))).toBe('not_allowed');
    expect([stateOf(made, tv), endOf(made, tv)]).toEqual(['restricted', undefined]);
    made.ask('restrict', { device, for: '30m' });
    expect(refusal(made.ask('block', { device, for: '1h' }, 'mqtt'))).toBe('done');
  });

  test('cannot use up the writes that bans of the guard need: what it holds and lets go waits its turn', () => {
    const made = home('safe');
    const writes = () => made.effects.filter((effect) => effect.type === 'persist');
    for (let i = 0; i < 10; i++) {
      expect(refusal(made.ask('block', { device, for: '1s' }, 'mqtt'))).toBe('done');
      made.pass(6000);
    }
    expect(writes().length).toBeGreaterThanOrEqual(20);
    expect(writes().filter(({ urgent }) => urgent)).toEqual([]);
    offend(made);
    expect(writes().some(({ urgent }) => urgent)).toBe(true);
  });

  test('cannot keep the guard from holding more firmly', () => {
    const made = home('safe');
    expect(refusal(made.ask('slow', { device, for: '1h' }, 'mqtt'))).toBe('done');
    offend(made);
    expect(made.state.records.get(device)?.ban?.origin).toBe('auto');
  });

  test('holds three devices at once, and no mail server', () => {
    const many = Array.from({ length: 6 }, (_, index) => ({ address: `10.8.0.${index + 2}` }));
    const made = home('safe', {
      devices: [{ keys: [keyOf(laptop)], class: 'mailserver', exempt: true, relays: [], action: 'auto' }],
    });
    for (const { address } of many) made.open(address, servers[0] ?? '', 587);
    const answers = many.map(({ address }) => refusal(made.ask('block', { device: address }, 'mqtt')));
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(remoteHolds);
    expect(answers.slice(remoteHolds)).toEqual(answers.slice(remoteHolds).map(() => 'too_many'));
    expect(refusal(made.ask('block', { device: keyOf(laptop) }, 'mqtt'))).not.toBe('done');
    expect(stateOf(made, laptop)).toBeUndefined();
    // They end, and a person at the router is not counted.
    expect(refusal(made.ask('block', { device: '10.8.0.7' }))).toBe('done');
    made.nowMs += hourMs;
    made.pass(1000);
    expect(refusal(made.ask('block', { device: '10.8.0.6' }, 'mqtt'))).toBe('done');
  });
});
