import { afterEach, expect, test } from 'vitest';
import type { Listing } from '../../daemon/blocklists/listing.ts';
import type { Input } from '../../daemon/engine/input.ts';
import { tellBlocklists } from '../../daemon/main-blocklists.ts';
import type { Running } from '../../daemon/main-running.ts';
import { config } from '../engine/world.ts';
import { type Reply, startDnsServer } from './dns-server.ts';

const nxdomain = 3;
let server: Awaited<ReturnType<typeof startDnsServer>> | undefined;
const stop = () => {
  server?.stop();
  server = undefined;
};
afterEach(stop);

/** What the daemon makes of a list that answers so; its own test address it knows unless said. */
async function look(home: Reply, test: Reply = { addresses: ['127.0.0.2'] }): Promise<readonly Listing[]> {
  stop();
  server = await startDnsServer((name) => {
    if (name === '2.0.0.127.zen.spamhaus.org') return test;
    return name.endsWith('.zen.spamhaus.org') ? home : { rcode: nxdomain };
  });
  const upstream = { name: 'wan', role: 'upstream' as const, interfaces: ['wan'], prefixes: [] };
  const networks = [{ ...upstream, addresses: ['9.9.9.9', '2a00:1450::5'] }];
  const told: Input[] = [];
  const state = {
    config: config({ networks, blocklists: ['zen.spamhaus.org'], blocklistResolver: server.address }),
  };
  await tellBlocklists({
    state,
    stopped: false,
    dispatch: (input: Input) => told.push(input),
  } as unknown as Running);
  const [input] = told;
  return input?.type === 'looked_up' ? input.listings : [];
}

const states = async (...replies: Parameters<typeof look>) =>
  (await look(...replies)).map(({ state, reason }) => [state, reason]);

test('each answer of a real DNS server is understood, over both families', async () => {
  const twice = (...one: [string, unknown?]) => [one, one];
  expect(await states({ rcode: nxdomain })).toEqual(twice('clear', undefined));
  expect(await states({ addresses: [] })).toEqual(twice('clear', undefined));
  expect(await states({ addresses: ['127.0.0.4'] })).toEqual(twice('listed', expect.stringMatching(/^XBL/)));
  expect(await states({ addresses: ['127.0.0.11', '127.0.0.10'] })).toEqual(
    twice('normal', expect.stringMatching(/^PBL/)),
  );
  expect(await states({ addresses: ['127.255.255.255'] })).toEqual(
    twice('unknown', expect.stringMatching(/too many/)),
  );
  expect(await states({ rcode: 5 })).toEqual(twice('unknown', 'the resolver refused to ask'));
  expect(await states({ rcode: 2 })).toEqual(twice('unknown', 'the resolver could not find out'));
  expect(await states({ addresses: ['127.0.0.4'] }, { addresses: ['127.255.255.254'] })).toEqual(
    twice('unknown', expect.stringMatching(/public resolvers/)),
  );
  expect(server?.asked).toEqual(['2.0.0.127.zen.spamhaus.org']);
});

test('a list that answers with an error of DNS is not believed, whatever the error', async () => {
  const unknown = ['unknown', 'unknown'];
  const read = async (...replies: Parameters<typeof look>) =>
    (await look(...replies)).map(({ state }) => state);
  for (const rcode of [1, 2, 4, 5, 15]) expect(await read({ rcode })).toEqual(unknown);
  // Node takes 6 to 11 (of dynamic updates) for an empty answer: there the list's own test address tells.
  for (const rcode of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15])
    expect(await read({ rcode: nxdomain }, { rcode })).toEqual(unknown);
});

test('the address is asked for by its octets and its nibbles', async () => {
  await look({ rcode: nxdomain });
  expect(server?.asked).toEqual([
    '2.0.0.127.zen.spamhaus.org',
    '9.9.9.9.zen.spamhaus.org',
    '5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.4.1.0.0.a.2.zen.spamhaus.org',
  ]);
});

test.each<[string, Reply]>([
  ['bytes that are no answer', 'garbage'],
  ['silence', 'silence'],
])('%s say nothing about the address', { timeout: 60_000 }, async (_, reply) => {
  const [listing] = await look({ addresses: ['127.0.0.4'] }, reply);
  expect(listing?.state).toBe('unknown');
  expect(listing?.reason).not.toBe('');
});
