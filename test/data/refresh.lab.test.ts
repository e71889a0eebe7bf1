import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProviderList, ProviderSource } from '../../daemon/detection/provider-pack.ts';
// @ts-expect-error a plain module without types
import { compile } from '../ts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'postern-providers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Zones as a real dnsmasq serves them; what is not below .example it refuses. */
const zones = `
local=/example/
txt-record=one.example,"unrelated"
txt-record=one.example,"v=spf1 redirect=_spf.one.example"
txt-record=_spf.one.example,"v=spf1 include:_a.one.example include:_loop.one.example ip4:198.51.0.0/24 ?ip4:203.0.113.0/24 -all"
txt-record=_a.one.example,"v=spf1 ip4:198.51.1.0/24 ip4:198.51.0.128/25 ip6:2001:db8:1:2::/64 a:mail.one.example/30 ptr exists:%{i}.one.example ~all"
txt-record=_loop.one.example,"v=spf1 include:_spf.one.example include:nothing.example redirect=_unused.one.example ip4:192.0.2.8/31"," mx -all"
txt-record=_unused.one.example,"v=spf1 ip4:99.0.0.0/8 -all"
host-record=mail.one.example,192.0.2.14
mx-host=_loop.one.example,mx1.one.example,10
mx-host=one.example,mx1.one.example,10
mx-host=one.example,mx2.one.example,20
host-record=mx1.one.example,198.51.7.1,2001:db8:7::25
host-record=mx2.one.example,198.51.8.1
txt-record=two.example,"v=spf1 ip4:198.51.0.7 ip4:10.0.0.0/8 ip4:0.0.0.0/0 ip4:100.0.0.0/9 ip4:nonsense include:_spf.one.example ip4:31.5.0.0/16 all"
`;

const provider = (name: string, changes: Partial<ProviderSource>): ProviderSource => ({
  ...{ name, title: name, mailboxes: false, source: 'test', date: '2020-01-01', domains: [] },
  ...{ spf: [], mx: [], blocks: [], found: ['9.9.9.0/24'] },
  ...changes,
});
const before: ProviderList = {
  date: '2020-01-01',
  source: 'before',
  providers: [
    provider('one', { spf: ['one.example'], mx: ['one.example'], blocks: ['198.51.8.0/24'] }),
    provider('two', { spf: ['two.example'], found: ['9.9.8.0/24'] }),
    provider('broken', { spf: ['broken.test'], found: ['9.9.7.0/24'] }),
  ],
};

/** The command, run in a network namespace with a dnsmasq that serves the zones. */
function command(path: string, script: string): Promise<{ code: number; out: string; err: string }> {
  const shell = `ip link set lo up && dnsmasq --conf-file="$1" && node "$2" --server 127.0.0.1:5300 --file "$3"; code=$?; kill "$(cat "$4")"; exit $code`;
  const args = [join(folder, 'dnsmasq.conf'), script, path, join(folder, 'pid')];
  return new Promise((resolve) => {
    execFile('unshare', ['-n', 'sh', '-c', shell, 'sh', ...args], (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

let ran: Awaited<ReturnType<typeof command>>;
let after: ProviderList;

beforeAll(async () => {
  const script: string = await compile('test/data/refresh-providers.ts');
  const path = join(folder, 'providers.json');
  writeFileSync(path, JSON.stringify(before));
  const fixed = `port=5300\nno-resolv\nno-hosts\nuser=root\npid-file=${join(folder, 'pid')}\n`;
  writeFileSync(join(folder, 'dnsmasq.conf'), fixed + zones);
  ran = await command(path, script);
  after = JSON.parse(readFileSync(path, 'utf8')) as ProviderList;
});

const of = (name: string) => after.providers.find((one) => one.name === name);

test('follows redirect and include, takes a and mx, merges halves, and leaves out what does not pass', () => {
  expect(of('one')?.found).toEqual([
    '192.0.2.8/31',
    '192.0.2.12/30',
    '198.51.0.0/23',
    '198.51.7.1',
    '2001:db8:1::/48',
    '2001:db8:7::/48',
  ]);
});

test('what was written by hand stays, with the day on which the records were read', () => {
  expect(of('one')).toMatchObject({ blocks: ['198.51.8.0/24'], source: 'test', title: 'one' });
  expect(of('one')?.date).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(after.date).toBe(of('one')?.date);
  expect(after.source).not.toBe('before');
});

test("no provider gets another's block, the whole internet or a private network", () => {
  expect(of('two')?.found).toEqual(['31.5.0.0/16']);
  expect(ran.err).toContain("two: left out: 198.51.0.7 is another's");
  expect(ran.err).toContain("two: left out: 0.0.0.0/0 can be no provider's");
  expect(ran.err).toContain("two: left out: 10.0.0.0/8 can be no provider's");
  expect(ran.err).toContain("two: left out: 100.0.0.0/9 can be no provider's");
  expect(ran.err).toContain('two: not followed: two.example: ip4:nonsense');
});

test('what cannot be followed is told', () => {
  expect(ran.err).toContain('one: not followed: _a.one.example: ptr');
  expect(ran.err).toContain('one: not followed: _a.one.example: exists:%{i}.one.example');
  expect(ran.err).toContain('one: not followed: nothing.example: no SPF record');
});

test('a provider whose server fails keeps what it had, and the command says so', () => {
  expect(of('broken')).toEqual(before.providers[2]);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('not read, and left as they were: broken');
});
