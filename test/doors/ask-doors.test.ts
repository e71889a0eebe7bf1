import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { NftResult } from '../../daemon/enforcement/nft-port.ts';
import type { Input } from '../../daemon/engine/input.ts';
import { askDoors } from '../../daemon/main-doors.ts';
import { world } from '../engine/world.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/nft-1.0.6/${name}.json`, import.meta.url), 'utf8');
const asked = [
  { device: 'ec71db5e1001' as DeviceKey, addresses: ['192.168.1.21'] },
  { device: '44650d5e1002' as DeviceKey, addresses: ['192.168.1.99'] },
];

/** What the engine is told where nft answers so, and what nft was asked. */
async function told(answer: (args: string) => Partial<NftResult>) {
  const calls: string[] = [];
  const inputs: Input[] = [];
  await askDoors(
    {
      listRules: (args) => {
        calls.push(args.join(' '));
        return Promise.resolve({ code: 0, stdout: '', stderr: '', ...answer(args.join(' ')) });
      },
      state: world().state,
      dispatch: (...some) => inputs.push(...some),
    },
    asked,
  );
  return { calls, found: inputs.flatMap((input) => (input.type === 'doors' ? [input.found] : [])) };
}

test('one terse listing for all who are asked for, and the maps that it needs', async () => {
  const { calls, found } = await told((args) => {
    if (args.includes('ports_to')) return { stdout: fixture('doors-map') };
    return { stdout: fixture(args.includes('links') ? 'doors-links' : 'doors') };
  });
  expect(calls).toEqual(['-t list ruleset', 'list map inet fw4 links', 'list map inet fw4 ports_to']);
  expect(found.map(({ doors }) => doors.map(({ ports }) => ports))).toEqual([['all', '7002'], ['all']]);
  expect(found[0]?.remedy).toContain('Close port forward');
  expect(found[0]).not.toHaveProperty('unread');
});

test('what is too long, refused or missing is said', async () => {
  const long = await told(() => ({ code: -1, isTooLong: true }));
  expect(long.found).toEqual(
    asked.map(() => ({ doors: [], omitted: 0, unread: 'there are too many rules' })),
  );
  const refused = await told(() => ({ code: 1, stderr: 'Operation not permitted' }));
  expect(refused.found[0]?.unread).toBe('Operation not permitted');
  const partial = await told((args) => (args.includes('map') ? { code: 1 } : { stdout: fixture('doors') }));
  expect(partial.found[0]).toMatchObject({
    doors: [{ ports: 'all' }],
    unread: 'some maps could not be listed',
  });
  const iptables = readFileSync(
    new URL('../fixtures/miniupnpd-2.3.1/iptables.json', import.meta.url),
    'utf8',
  );
  const unlisted = await told(() => ({ stdout: iptables }));
  expect(unlisted.found[0]).toMatchObject({ doors: [], unread: expect.stringContaining('iptables') });
});
