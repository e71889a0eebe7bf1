import { describe, expect, test } from 'vitest';
import { readConfig } from '../../daemon/config/read-config.ts';
import { section } from './router.ts';

/** Roles by name, for interfaces and zones as a router has them. */
function roles(interfaces: object[], zones: Record<string, unknown>, postern: Record<string, unknown> = {}) {
  const reading = readConfig({
    uci: { postern: { values: postern }, firewall: { values: zones } },
    interfaces: { interface: interfaces },
  });
  const networks = reading.ok ? reading.config.networks : [];
  return Object.fromEntries(networks.map(({ name, role }) => [name, role]));
}

const up = (name: string, device = `dev-${name}`, more = {}) => ({
  ...{ interface: name, up: true, proto: 'static', l3_device: device, device },
  ...more,
});
const wan = up('wan', 'eth1', { route: [{ target: '0.0.0.0', mask: 0 }] });
const zone = (name: string, options: Record<string, string | string[]>) =>
  section('zone', `cfg-${name}`, options);
const home = zone('lan', { name: 'lan', network: ['lan'], input: 'ACCEPT' });

describe('zones of the firewall', () => {
  test('make what shares the zone of the uplink upstream: a modem, a line without a default route', () => {
    const outer = zone('wan', { network: 'wan modem', input: 'REJECT', masq: '1' });
    expect(roles([up('lan'), wan, up('modem')], { ...home, ...outer })).toEqual({
      lan: 'guard',
      wan: 'upstream',
      modem: 'upstream',
    });
    // Without masquerading too, where it is the zone of an uplink.
    const routed = zone('wan', { network: ['wan', 'modem'], input: 'DROP' });
    expect(roles([up('modem'), wan], routed)).toEqual({ modem: 'upstream', wan: 'upstream' });
  });

  test('make what masquerades and lets nobody in upstream, by name, by interface or by its beginning', () => {
    for (const member of [{ network: ['office'] }, { device: ['tun0'] }, { device: 'tun+' }]) {
      const vpn = zone('vpn', { ...member, input: 'REJECT', masq: '1' });
      expect(roles([up('office', 'tun0'), up('lan')], { ...home, ...vpn })).toEqual({
        office: 'upstream',
        lan: 'guard',
      });
    }
  });

  test('leave guests and things guarded, and whatever is in no zone', () => {
    const guest = zone('guest', { network: ['guest', 'iot'], input: 'REJECT', masq: '0' });
    const found = roles([up('guest'), up('iot'), up('lan'), up('spare'), wan], { ...home, ...guest });
    expect(found).toEqual({ guest: 'guard', iot: 'guard', lan: 'guard', spare: 'guard', wan: 'upstream' });
  });

  test('do not unguard the home where an uplink was put into its zone, or it masquerades', () => {
    const mixed = zone('lan', { network: ['lan', 'wan'], input: 'ACCEPT', masq: '1' });
    expect(roles([up('lan'), wan], mixed)).toEqual({ lan: 'guard', wan: 'upstream' });
    expect(roles([up('lan'), wan], zone('lan', { network: ['lan', 'wan'], masq: '1' }))).toMatchObject({
      lan: 'guard',
    });
  });

  test('count as the firewall has them: not when disabled, and the owner has the last word', () => {
    const off = zone('x', { network: 'modem', input: 'DROP', masq: '1', enabled: '0' });
    expect(roles([up('modem')], off)).toEqual({ modem: 'guard' });
    const on = zone('x', { network: 'modem', input: 'DROP', masq: '1' });
    expect(roles([up('modem')], on, section('network', 'modem', { role: 'guard' }))).toEqual({
      modem: 'guard',
    });
  });

  test('that are nonsense change nothing', () => {
    const odd = {
      a: 7,
      b: null,
      c: { '.type': 'zone', network: [3, {}], device: 9, input: ['x'], masq: [] },
    };
    expect(roles([up('lan'), wan], odd)).toEqual({ lan: 'guard', wan: 'upstream' });
  });
});
