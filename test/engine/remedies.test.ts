import { expect, test } from 'vitest';
import { deviceClasses } from '../../daemon/config/config.ts';
import { remediesFor } from '../../daemon/engine/remedies.ts';
import { hostnameHints, vendorHints } from '../../daemon/identity/class-hints.ts';
import { keyOf, servers, tv, world } from './world.ts';

test('every class, and every kind of device that we have a word for, is told what to do', () => {
  for (const kind of deviceClasses) {
    const list = remediesFor(kind, 'device');
    expect(list.length).toBeGreaterThanOrEqual(3);
    expect(new Set(list).size).toBe(list.length);
    // Plain sentences that fit into a state file and on a phone.
    expect(list.join('\n').length).toBeLessThan(700);
    for (const line of list) expect(line).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
  }
  for (const { class: kind, noun } of [...vendorHints, ...hostnameHints])
    expect(remediesFor(kind, noun).length).toBeGreaterThanOrEqual(3);
  expect(remediesFor('iot', 'camera').join()).toContain('port forwards');
  expect(remediesFor('iot', 'television').join()).toContain('apps');
});

test('the first hold of an incident says what to do, and the device while it is open', () => {
  const home = world();
  for (const server of servers.slice(0, 4)) {
    const flow = home.open(tv.address, server);
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  }
  const events = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));
  expect(events.map(({ type, remedies }) => [type, remedies !== undefined])).toEqual([
    ['opened', false],
    ['restricted', true],
    ['blocked', false],
  ]);
  const answer = home.ask('device', { device: keyOf(tv) });
  const incident = home.ask('incident', { device: keyOf(tv) });
  const list = events[1]?.remedies ?? [];
  expect(answer).toMatchObject({ ok: true, data: { remedies: list } });
  expect(incident).toMatchObject({ ok: true, data: { remedies: list } });
  // A list of devices has to fit into one line of the socket.
  expect(JSON.stringify(home.ask('devices'))).not.toContain('remedies');
});
