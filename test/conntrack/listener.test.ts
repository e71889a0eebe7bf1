import { expect, test } from 'vitest';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { type EventFilter, startListener } from '../../daemon/conntrack/listener.ts';
import { fakeWorld } from './fake-world.ts';
import { eventsOf, fixture } from './samples.ts';

const notice = 'NOTICE: Netlink socket buffer size has been set to 8388608 bytes.\n';
const overrun = `WARNING: We have hit ENOBUFS! We are losing events.
This message means that the current netlink socket buffer size is too small.
Please, check --buffer-size in conntrack(8) manpage.
`;

function listen(filter: EventFilter = 'ends', prepare?: (world: ReturnType<typeof fakeWorld>) => void) {
  const world = fakeWorld();
  prepare?.(world);
  const told: string[] = [];
  const flows: FlowEvent[] = [];
  const listener = startListener(filter, world.ports, {
    flows: (events) => void flows.push(...events),
    gap: (reason, detail) => told.push(detail ? `gap ${reason}: ${detail}` : `gap ${reason}`),
    listening: (pid) => told.push(`listening ${pid}`),
  });
  return { world, told, flows, listener };
}

test('asks for what the filter names', () => {
  expect(listen('ends').world.last().argv.join(' ')).toBe(
    'conntrack -E -p tcp -o timestamp,id,extended -e NEW,DESTROY -b 4194304',
  );
  expect(listen('all').world.last().argv).toContain('NEW,UPDATE,DESTROY');
});

test('hands on the flows of chunks cut anywhere', () => {
  const { world, flows, listener } = listen();
  const text = fixture('conntrack-1.4.8/ipv6.log');
  for (let at = 0; at < text.length; at += 97) world.last().stdout(text.slice(at, at + 97));
  expect(flows).toEqual(eventsOf('conntrack-1.4.8/ipv6'));
  expect(listener.counts).toMatchObject({ overlong: 0, refused: 0, starts: 1 });
});

test('counts what it refuses', () => {
  const { world, flows, listener } = listen();
  world
    .last()
    .stdout(
      '[NEW] tcp 6 src=1.1.1.1 dst=2.2.2.2 sport=25 dport=999 src=2.2.2.2 dst=1.1.1.1 sport=999 dport=25 id=1\n',
    );
  world.last().stdout(` dport=25 ${'x'.repeat(2_000)}\n`);
  expect(flows).toEqual([]);
  expect(listener.counts).toMatchObject({ refused: 1, overlong: 1 });
});

test('says when it listens: at the notice, else after a second, never twice', () => {
  const { world, told } = listen();
  world.last().stderr(notice.slice(0, 10));
  expect(told).toEqual([]);
  world.last().stderr(notice.slice(10));
  expect(told).toEqual(['listening 100']);
  world.advance(5_000);
  expect(told).toEqual(['listening 100']);

  const quiet = listen();
  quiet.world.advance(999);
  expect(quiet.told).toEqual([]);
  quiet.world.advance(1);
  expect(quiet.told).toEqual(['listening 100']);
});

test('overruns are told at most once a second, and the last one is never swallowed', () => {
  const { world, told, listener } = listen();
  for (let index = 0; index < 50; index++) {
    world.last().stderr(overrun);
    world.advance(50);
  }
  world.advance(10_000);
  // At 0, 1 and 2 s, and once more for those between 2 and 2.5 s.
  expect(told.filter((line) => line === 'gap enobufs')).toHaveLength(4);
  expect(listener.counts.overruns).toBe(50);
  expect(world.children).toHaveLength(1);
});

test('starts again with doubling delays, up to 30 s', () => {
  const { world, told } = listen();
  const delays: number[] = [];
  for (let index = 0; index < 12; index++) {
    const before = world.children.length;
    world.last().exit(1);
    let waited = 0;
    while (world.children.length === before) {
      world.advance(10);
      waited += 10;
    }
    delays.push(waited);
  }
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000]);
  expect(told[0]).toBe('gap start-failed: exit code 1');
});

test('a reader that is ended again and again is deaf for a second at most', () => {
  const { world, told } = listen();
  for (let index = 0; index < 20; index++) {
    world.last().stderr(notice);
    world.last().exit(137);
    const before = world.children.length;
    world.advance(1_000);
    expect(world.children.length).toBe(before + 1);
  }
  expect(told.filter((line) => line.startsWith('listening'))).toHaveLength(20);
});

test('a good run of a minute starts the delays over', () => {
  const { world, told } = listen();
  for (let index = 0; index < 8; index++) {
    world.last().exit(1);
    world.advance(30_000);
  }
  const before = world.children.length;
  world.last().stderr(notice);
  world.advance(60_000);
  world.last().stderr('conntrack v1.4.7 (conntrack-tools): 4 flow events have been shown.\n');
  world.last().exit(137);
  expect(told.at(-1)).toBe('gap exit: conntrack v1.4.7 (conntrack-tools): 4 flow events have been shown.');
  world.advance(100);
  expect(world.children.length).toBe(before + 1);
});

test('a missing program is told with its message, and tried again', () => {
  const { world, told } = listen('ends', (unready) => unready.forbidStart());
  world.last().exit(127, 'conntrack: spawn conntrack ENOENT');
  expect(told).toEqual(['gap start-failed: conntrack: spawn conntrack ENOENT']);
  world.advance(100);
  expect(world.children).toHaveLength(2);
});

test('restart changes the filter, tells a gap, and hears no more of the old child', () => {
  const { world, told, flows, listener } = listen('ends');
  const old = world.last();
  listener.restart('ends');
  expect(world.children).toHaveLength(1);
  old.stderr(notice);
  listener.restart('all');
  expect(old.stopped).toBe(true);
  expect(listener.pid()).toBe(101);
  expect(told).toEqual(['listening 100', 'gap resync']);
  old.stdout(fixture('conntrack-1.4.8/ipv6.log'));
  old.stderr(overrun);
  old.exit(0);
  world.advance(60_000);
  expect(flows).toEqual([]);
  expect(world.children).toHaveLength(2);
  expect(told).toEqual(['listening 100', 'gap resync', 'listening 101']);
});

test('restart while it waits to start again does not start two', () => {
  const { world, listener } = listen('ends');
  world.last().exit(1);
  listener.restart('all');
  world.advance(60_000);
  expect(world.children).toHaveLength(2);
});

test('stop ends everything', () => {
  const { world, told, listener } = listen();
  world.last().stderr(overrun);
  world.last().stderr(overrun);
  listener.stop();
  expect(world.last().stopped).toBe(true);
  world.last().exit(0);
  world.advance(120_000);
  expect(world.children).toHaveLength(1);
  expect(told).toEqual(['gap enobufs']);
  expect(world.timers()).toBe(0);
});

test('messages of conntrack are made printable and short', () => {
  const { world, told } = listen();
  world.last().stderr(`bad \x1b[31m${'y'.repeat(500)}\n`);
  world.last().exit(2);
  expect(told[0]).toMatch(/^gap start-failed: bad \?\[31my+$/);
  expect(told[0]?.length).toBeLessThan(230);
});
