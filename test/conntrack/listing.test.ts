import { expect, test } from 'vitest';
import { deleteFlow, deleteFlowsOf, listMailFlows, type Run } from '../../daemon/conntrack/listing.ts';
import { fixture, flowEvent } from './samples.ts';

function fakeRun(answer: (argv: readonly string[]) => Partial<Awaited<ReturnType<Run>>>) {
  const calls: string[] = [];
  const run: Run = (argv) => {
    calls.push(argv.join(' '));
    return Promise.resolve({ code: 0, stdout: '', timedOut: false, truncated: false, ...answer(argv) });
  };
  return { run, calls };
}

test('lists each port of both families', async () => {
  const rows = fixture('conntrack-1.4.8/ipv6.rows');
  const { run, calls } = fakeRun((argv) => (argv.includes('25') ? { stdout: rows } : {}));
  const listing = await listMailFlows(run, [25, 587]);
  expect(calls).toEqual([
    'conntrack -L -p tcp --orig-port-dst 25 -o id,extended',
    'conntrack -L -p tcp --orig-port-dst 587 -o id,extended',
  ]);
  expect(listing.complete).toBe(true);
  expect(listing.flows).toHaveLength(4);
  expect(new Set(listing.flows.map((flow) => flow.family))).toEqual(new Set([4, 6]));
});

test('rows of all ports together stay within what 4,096 flows need, and each port has its some', async () => {
  const asked: number[] = [];
  const run: Run = (_argv, { maxOutputBytes }) => {
    asked.push(maxOutputBytes);
    const stdout = 'x'.repeat(Math.min(maxOutputBytes, 700_000));
    return Promise.resolve({ code: 0, stdout, timedOut: false, truncated: false });
  };
  await listMailFlows(run, [25, 465, 587, 2525]);
  expect(asked).toEqual([1_048_576, 348_576, 65_536, 65_536]);
});

test('one run lists a small table, and a large one or what is too much for one run is listed by port', async () => {
  const rows = fixture('conntrack-1.4.8/ipv6.rows');
  const { run, calls } = fakeRun(() => ({ stdout: rows }));
  const small = await listMailFlows(run, [25, 587], { tracked: 1000 });
  expect(calls).toEqual(['conntrack -L -p tcp -o id,extended']);
  expect(small).toEqual({ flows: (await listMailFlows(run, [25])).flows, complete: true });
  const [few, many] = [fakeRun(() => ({ truncated: true })), fakeRun(() => ({}))];
  await listMailFlows(few.run, [25, 587], { tracked: 1000 });
  expect(few.calls).toHaveLength(3);
  await listMailFlows(many.run, [25, 587], { tracked: 1001 });
  expect(many.calls).toHaveLength(2);
});

test('the short listing is never called complete', async () => {
  const { run, calls } = fakeRun(() => ({}));
  expect(await listMailFlows(run, [465], { only: 'assured' })).toEqual({ flows: [], complete: false });
  expect(calls).toEqual(['conntrack -L -p tcp --orig-port-dst 465 --status ASSURED -o id,extended']);
});

test.each([
  ['failed', { code: 1 }],
  ['took too long', { timedOut: true }],
  ['was too much', { truncated: true }],
])('a run that %s leaves the listing incomplete, with what there was', async (_, trouble) => {
  const stdout = fixture('conntrack-1.4.7/ipv6.rows');
  const { run } = fakeRun((argv) => (argv.includes('25') ? { stdout, ...trouble } : {}));
  const listing = await listMailFlows(run, [25, 465]);
  expect(listing.complete).toBe(false);
  expect(listing.flows.length).toBeGreaterThan(0);
});

test('deletes by the exact tuple', async () => {
  const { run, calls } = fakeRun((argv) => ({ code: argv.includes('ipv6') ? 1 : 0 }));
  expect(await deleteFlow(run, flowEvent())).toBe(true);
  const six = flowEvent({ family: 6, src: '2001:db8::1', dst: '2001:db8::2', dport: 587 });
  expect(await deleteFlow(run, six)).toBe(false);
  expect(calls).toEqual([
    'conntrack -D -f ipv4 -p tcp --orig-src 192.168.7.20 --orig-dst 198.51.100.25 --orig-port-src 40000 --orig-port-dst 25',
    'conntrack -D -f ipv6 -p tcp --orig-src 2001:db8::1 --orig-dst 2001:db8::2 --orig-port-src 40000 --orig-port-dst 587',
  ]);
});

test('all of a device’s entries are deleted in both directions', async () => {
  const { run, calls } = fakeRun(() => ({}));
  for (const address of ['192.168.1.21', '2001:db8:1::21']) await deleteFlowsOf(run, address);
  expect(calls).toEqual([
    'conntrack -D -f ipv4 --orig-src 192.168.1.21',
    'conntrack -D -f ipv4 --reply-src 192.168.1.21',
    'conntrack -D -f ipv6 --orig-src 2001:db8:1::21',
    'conntrack -D -f ipv6 --reply-src 2001:db8:1::21',
  ]);
});
