import { expect, test } from 'vitest';
import { diagnose, type Facts } from '../../daemon/doctor/diagnose.ts';

const well: Facts = {
  system: 'OpenWrt 24.10.4',
  node: '20.20.2',
  nft: { code: 0, stderr: '' },
  conntrack: { code: 0, stderr: '' },
  listeners: [],
  networks: [
    { name: 'lan', role: 'guard' },
    { name: 'wan', role: 'upstream' },
  ],
  events: '2',
  accounting: '1',
  forwarding: '1',
  ip6Disabled: '0',
  flowtables: 0,
  hasUjail: true,
  memoryMb: 488,
  availableMb: 300,
  flashMb: 40,
  wallMs: Date.UTC(2026, 10, 26),
  daemon: { reasons: [] },
};

test('a router on which all is well has nothing but ok', () => {
  const findings = diagnose(well);
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
});

test.each<[what: string, change: Partial<Facts>, check: string, state: string, remedy: RegExp | undefined]>([
  ['an older release', { system: 'OpenWrt 23.05.5' }, 'system', 'note', /24\.10/],
  ['another system', { system: 'Debian GNU/Linux 12' }, 'system', 'note', undefined],
  ['no name', { system: undefined }, 'system', 'note', undefined],
  ['an old Node', { node: '20.17.9' }, 'node', 'trouble', /20\.18/],
  ['a very old Node', { node: '18.20.6' }, 'node', 'trouble', /20\.18/],
  ['no nft', { nft: { code: 127, stderr: '' } }, 'nft', 'trouble', /nftables-json/],
  [
    'an nft without JSON',
    { nft: { code: 1, stderr: 'Error: JSON support not compiled-in\n' } },
    ...(['nft', 'trouble', /nftables-json/] as const),
  ],
  [
    'no right to ask nft',
    { nft: { code: 1, stderr: 'Operation not permitted (you must be root)\n' } },
    ...(['nft', 'note', /root/] as const),
  ],
  ['a kernel without nf_tables', { nft: { code: 1, stderr: 'netlink: x\n' } }, 'nft', 'trouble', /kmod-nft/],
  ['no conntrack', { conntrack: { code: 127, stderr: '' } }, 'conntrack', 'trouble', /package conntrack/],
  [
    'no netlink',
    { conntrack: { code: 1, stderr: 'x' } },
    'conntrack',
    'trouble',
    /kmod-nf-conntrack-netlink/,
  ],
  ['events switched off', { events: '0' }, 'conntrack', 'trouble', /nf_conntrack_events/],
  ['no accounting', { accounting: '0' }, 'accounting', 'trouble', /nf_conntrack_acct/],
  ['another listener', { listeners: ['nlbwmon'] }, 'listeners', 'note', /Nothing to do/],
  ['networks that cannot be read', { networks: undefined }, 'networks', 'note', /postern check/],
  [
    'no network of the home',
    { networks: [{ name: 'wan', role: 'upstream' }] },
    'networks',
    'trouble',
    /role guard/,
  ],
  ['an access point', { forwarding: '0' }, 'routing', 'trouble', /router/],
  ['no IPv6', { ip6Disabled: '1' }, 'ipv6', 'note', undefined],
  ['offloading', { flowtables: 1 }, 'offloading', 'note', undefined],
  ['no ujail', { hasUjail: false }, 'ujail', 'note', /procd-ujail/],
  ['little memory', { availableMb: 40 }, 'memory', 'trouble', /50 MiB/],
  ['a full flash', { flashMb: 0 }, 'flash', 'trouble', /room/],
  ['a clock of 1970', { wallMs: 60_000 }, 'clock', 'trouble', /NTP/],
  ['no daemon', { daemon: { missing: 'ENOENT' } }, 'daemon', 'trouble', /logread/],
  [
    'a daemon with a reason',
    { daemon: { reasons: [{ text: 'conntrack delivers no events', remedy: 'Install it.' }] } },
    ...(['daemon', 'note', /Install it/] as const),
  ],
])('%s is found, and only that', (_what, change, check, state, remedy) => {
  const findings = diagnose({ ...well, ...change }).filter((one) => one.state !== 'ok');
  expect(findings.map((one) => [one.check, one.state])).toEqual([[check, state]]);
  if (remedy) expect(findings[0]?.remedy).toMatch(remedy);
  else expect(findings[0]).not.toHaveProperty('remedy');
});

test('it says which networks are the home and which lead out of it', () => {
  const networks = [
    ...(well.networks ?? []),
    { name: 'guest', role: 'guard' },
    { name: 'x', role: 'ignore' },
  ] as const;
  const text = diagnose({ ...well, networks }).find(({ check }) => check === 'networks')?.text;
  expect(text).toBe('guarded: lan, guest; outwards: wan; ignored: x');
});
