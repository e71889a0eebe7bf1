import { expect, test } from 'vitest';
import type { Door } from '../../daemon/doors/door.ts';
import { withWords } from '../../daemon/doors/door-words.ts';
import type { Input } from '../../daemon/engine/input.ts';
import { decodeInput, encodeInput } from '../../daemon/engine/recording.ts';
import { keyOf, servers, tv, world } from './world.ts';

const forward: Door = {
  kind: 'port forward',
  protocol: 'tcp',
  ports: '8080',
  address: tv.address,
  port: '80',
  name: 'Web cam',
};
const mapping: Door = { kind: 'UPnP', protocol: 'udp', ports: '4000', address: tv.address };

/** A home in which the television was caught, and what was asked about its doors. */
function caught() {
  const home = world();
  for (const server of servers.slice(0, 4)) {
    const flow = home.open(tv.address, server);
    home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
  }
  home.give({ type: 'tick' });
  return home;
}
type Home = ReturnType<typeof caught>;
const asked = ({ effects }: Home) => effects.filter(({ type }) => type === 'doors');
const told = ({ effects }: Home) =>
  effects.flatMap((effect) =>
    effect.type === 'event' && effect.document.type === 'reachable' ? [effect.document] : [],
  );
const device = (home: Home) => home.ask('device', { device: keyOf(tv) });
const find = (home: Home, doors: readonly Door[], omitted = 0) =>
  home.give({ type: 'doors', device: keyOf(tv), found: withWords({ doors, omitted }) });

test('the doors are asked for once an incident, and not for who has none', () => {
  const home = caught();
  home.give({ type: 'tick' });
  expect(asked(home)).toEqual([
    { type: 'doors', device: keyOf(tv), addresses: [tv.address, '2001:db8:1::21'] },
  ]);
  const quiet = world();
  quiet.open(tv.address, servers[0] ?? '');
  quiet.give({ type: 'tick' });
  expect(asked(quiet)).toEqual([]);
});

test('they are told once, with the remedy first, and shown while the incident is open', () => {
  const home = caught();
  find(home, [forward, mapping], 2);
  find(home, [forward, mapping], 2);
  const [event, ...others] = told(home);
  expect(others).toEqual([]);
  expect(event?.text).toContain(
    'can be reached from the internet. What leads to it: port forward 8080 (Web cam), to its port 80; UPnP mapping 4000/udp and 2 more.',
  );
  const remedy =
    'Close port forward 8080 (Web cam), UPnP mapping 4000/udp and 2 more to it and switch off UPnP: that is how most things are taken over.';
  expect(event?.remedies?.[0]).toBe(remedy);
  expect(device(home)).toMatchObject({
    data: { doors: [forward, mapping], doors_omitted: 2, remedies: event?.remedies },
  });
  expect(home.ask('incident', { device: keyOf(tv) })).toMatchObject({ data: { remedies: event?.remedies } });
  home.ask('forget', { device: keyOf(tv) });
  home.give({ type: 'doors', device: keyOf(tv), found: { doors: [forward], omitted: 0 } });
  expect(told(home).length).toBe(1);
});

test('none found is shown and not told; a closed door is gone; what could not be read is said', () => {
  const home = caught();
  expect(device(home)).not.toHaveProperty('data.doors');
  find(home, []);
  expect(device(home)).toHaveProperty('data.doors', []);
  find(home, [forward]);
  find(home, []);
  expect(told(home).length).toBe(1);
  expect(JSON.stringify(device(home))).not.toContain('8080');
  const unread = 'there are too many rules';
  home.give({ type: 'doors', device: keyOf(tv), found: { doors: [], omitted: 0, unread } });
  expect(device(home)).toHaveProperty('data.doors_unread', unread);
});

test.each(['#0', '##0', '#', '#x', '0'])('a recording holds a device that is called %s', (hostname) => {
  const at = { nowMs: 1, wallMs: 2 };
  const lease = { address: '192.168.1.77', mac: tv.mac, hostname };
  const input: Input = { type: 'leases', leases: [lease] };
  expect(decodeInput(encodeInput(input, at))).toEqual({ ...input, at });
});

test('a recording holds what was found', () => {
  const input = { type: 'doors', device: keyOf(tv), found: { doors: [forward], omitted: 1 } } as const;
  const at = { nowMs: 5, wallMs: 6 };
  expect(decodeInput(encodeInput(input, at))).toEqual({ ...input, at });
});
