import { expect, test } from 'vitest';
import { burst } from '../../daemon/engine/storm.ts';
import { keyOf, servers, tv, type World, world } from './world.ts';

const hourMs = 3_600_000;

/** Two strange servers from each of so many new addresses of the network without MACs, within a second or `ms`. */
function storm(home: World, devices: number, ms = 1000): void {
  for (let index = 0; index < devices; index++) {
    for (const server of servers.slice(index % 58, (index % 58) + 2)) {
      const flow = home.open(`10.8.0.${20 + index}`, server);
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
    }
    home.nowMs += ms / devices;
    if (ms > 1000) home.give({ type: 'tick' });
  }
}

const documents = (home: World) =>
  home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));

test('fifty devices at once are a few events and one summary that names them all', () => {
  const home = world({ maxBans: 100 });
  storm(home, 50);
  const apart = documents(home).filter(({ device }) => device !== undefined);
  expect(apart).toHaveLength(burst);
  expect(home.state.incidents.size).toBe(50);
  home.pass(5000);
  const summaries = documents(home).filter(({ type }) => type === 'summary');
  expect(summaries).toHaveLength(1);
  const [summary] = summaries;
  expect(summary?.text).toMatch(/^\d+ more events of \d+ devices in short time \(\d+ restricted/);
  expect(summary?.text).toMatch(/and \d+ more\. "postern incidents" shows each\.$/);
  // Nobody is told of in neither way.
  const told = new Set([...apart.map(({ device }) => device), ...(summary?.devices ?? [])]);
  expect(told.size).toBe(50);
  // Nor is a step missing in any incident.
  for (const incident of home.state.incidents.values())
    expect(incident.steps.map(({ type }) => type)).toEqual(expect.arrayContaining(['opened', 'restricted']));
});

test('a storm of newcomers hides no device of the home', () => {
  const home = world({ maxBans: 100 });
  home.give({ type: 'leases', leases: [{ address: tv.address, mac: tv.mac }] });
  home.nowMs += 2 * hourMs;
  storm(home, 50);
  const before = documents(home).length;
  for (const server of servers.slice(0, 2)) {
    const flow = home.open(tv.address, server);
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  }
  const told = documents(home).slice(before);
  expect(told.map(({ device, type }) => [device, type])).toEqual(
    expect.arrayContaining([[keyOf(tv), 'restricted']]),
  );
});

test('a storm that lasts is summed up every half minute, and ends with the allowance full again', () => {
  const home = world({ maxBans: 100 });
  storm(home, 200, 60_000);
  const summaries = documents(home).filter(({ type }) => type === 'summary').length;
  expect(summaries).toBeGreaterThanOrEqual(2);
  expect(summaries).toBeLessThanOrEqual(3);
  home.effects.length = 0;
  home.pass(120000);
  home.effects.length = 0;
  storm(home, 8);
  home.pass(60000);
  expect(documents(home).filter(({ type }) => type === 'summary')).toEqual([]);
});

test('nor the router, nor what has no MAC and is here for long', () => {
  const home = world({ maxBans: 100 });
  const [server = '', other = ''] = servers;
  home.open('10.8.0.7', server, 587);
  home.nowMs += 2 * hourMs;
  storm(home, 50);
  const before = documents(home).length;
  for (const src of ['10.8.0.7', '203.0.113.2'])
    for (const dst of [server, other, servers[2] ?? '']) {
      const flow = home.open(src, dst);
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
    }
  const told = new Set(
    documents(home)
      .slice(before)
      .map(({ device }) => device),
  );
  expect([...told]).toEqual(['10.8.0.7', 'router']);
});
