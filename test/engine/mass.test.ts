import { expect, test } from 'vitest';
import { config, servers, type World, world } from './world.ts';

const minuteMs = 60_000;

/** Two strange servers from so many addresses of the network without MACs, one after the other. */
function offend(home: World, devices: number, apartMs: number): void {
  for (let index = 0; index < devices; index++) {
    for (const server of servers.slice(index * 2, index * 2 + 2)) {
      const flow = home.open(`10.8.0.${50 + index}`, server);
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
    }
    home.nowMs += apartMs;
  }
}

const degraded = (home: World) =>
  home.effects.flatMap((effect) =>
    effect.type === 'event' && effect.document.type === 'degraded' ? [effect.document.text] : [],
  );

test('eight devices within a minute are told as one event, once, and it ends by itself', () => {
  const home = world();
  offend(home, 7, 1000);
  expect(degraded(home)).toEqual([]);
  const more = world();
  offend(more, 12, 1000);
  expect(degraded(more)).toHaveLength(1);
  expect(degraded(more)[0]).toContain('Eight devices or more were held within a minute');
  expect([...more.state.conditions.keys()]).toContain('mass_event');
  more.nowMs += 60 * minuteMs;
  more.give({ type: 'tick' });
  expect([...more.state.conditions.keys()]).not.toContain('mass_event');
});

test('eight devices over half an hour are none', () => {
  const home = world();
  offend(home, 12, 3 * minuteMs);
  expect(degraded(home)).toEqual([]);
});

test('a network that was not guarded before is told once', () => {
  const home = world();
  const lan = home.state.config.networks[0];
  if (!lan) throw new Error('no network');
  const networks = [...home.state.config.networks, { ...lan, name: 'iot', interfaces: ['br-iot'] }];
  for (let round = 0; round < 2; round++) home.give({ type: 'config', config: config({ networks }) });
  expect(home.events()).toEqual(['new_network']);
});

test('that the state was damaged is told for a day', () => {
  const home = world();
  home.give({ type: 'condition', reason: 'state_damaged', on: true, detail: 'kept as state.json.damaged' });
  home.nowMs += 23 * 60 * minuteMs;
  home.give({ type: 'tick' });
  expect([...home.state.conditions.keys()]).toEqual(['state_damaged']);
  home.nowMs += 60 * minuteMs;
  home.give({ type: 'tick' });
  expect([...home.state.conditions.keys()]).toEqual([]);
  expect(home.events()).toEqual(['degraded', 'recovered']);
});

test('that there is no network to guard is told, and is over with the first one', () => {
  const home = world();
  const upstream = home.state.config.networks.filter(({ role }) => role === 'upstream');
  const { networks } = home.state.config;
  home.give({ type: 'config', config: config({ networks: upstream }) });
  expect([...home.state.conditions.keys()]).toContain('nothing_guarded');
  expect(home.events()).toEqual(['degraded']);
  home.give({ type: 'config', config: config({ networks }) });
  expect([...home.state.conditions.keys()]).not.toContain('nothing_guarded');
  expect(home.events().filter((type) => type === 'recovered')).toHaveLength(1);
});
