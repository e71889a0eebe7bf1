import { describe, expect, test } from 'vitest';
import { keyOf, laptop, servers, stateOf, tv, world } from './world.ts';

const ledger = (connections: number) => ({
  type: 'sets' as const,
  reading: {
    ledger: [{ network: 'lan', key: keyOf(tv), src: tv.address, port: 587 as const, connections }],
    attempts: [],
    overruns: [],
    full: [],
  },
});

describe('the ledger against the events', () => {
  test('what had an event is not missed', () => {
    const home = world();
    for (let index = 0; index < 3; index++) home.open(tv.address, servers[0] ?? '', 587);
    home.give(ledger(3));
    home.pass(10_000);
    home.give(ledger(3));
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 3, withoutEvent: 0 });
  });

  test('what had none counts after the second reading, with the destination unknown, and is told', () => {
    const home = world();
    home.open(tv.address, servers[0] ?? '', 587);
    home.give(ledger(5));
    expect(home.state.records.get(keyOf(tv))?.withoutEvent).toBe(0);
    home.pass(10_000);
    home.give(ledger(5));
    expect(home.state.records.get(keyOf(tv))?.withoutEvent).toBe(4);
    expect(home.state.conditions.has('events_lost')).toBe(true);
    expect(home.ask('status')).toMatchObject({ data: { state: 'degraded', connections_without_event: 4 } });
    home.give(ledger(5));
    expect(home.state.records.get(keyOf(tv))?.withoutEvent).toBe(4);
    home.pass(601_000);
    expect(home.state.conditions.has('events_lost')).toBe(false);
  });

  test('readings close together give up nothing: the listing after a gap is still to come', () => {
    const home = world();
    const late = { tcpState: 'TIME_WAIT', kind: 'row' as const, replied: true, assured: true };
    for (const connections of [2, 2, 3, 3]) {
      home.give(ledger(connections));
      home.pass(500);
    }
    expect(home.state.records.get(keyOf(tv))?.withoutEvent).toBe(0);
    for (let index = 0; index < 2; index++) home.open(tv.address, servers[0] ?? '', 587, late);
    home.pass(10_000);
    home.give(ledger(3));
    home.pass(10_000);
    home.give(ledger(3));
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 2, withoutEvent: 1 });
  });

  test('where no event ever comes that is told, the live flows are listed all the time, and who spreads is held', () => {
    const home = world();
    for (const connections of [2, 2]) {
      home.give(ledger(connections));
      home.pass(10_000);
    }
    expect([...home.state.conditions.keys()]).toEqual(['no_events']);
    home.effects.length = 0;
    home.pass(20_000);
    const lists = home.effects.filter((effect) => effect.type === 'list');
    expect(lists).toEqual(Array(2).fill({ type: 'list', ports: [25, 465, 587, 2525], all: true }));
    home.refresh();
    const flows = servers.slice(0, 2).map((dst, index) => ({
      ...{ kind: 'row' as const, family: 4 as const, src: tv.address, sport: 50_000 + index, dst },
      ...{ dport: 25 as const, tcpState: 'ESTABLISHED', replied: true, assured: true },
    }));
    home.give({ type: 'flows', flows, complete: true, ports: [25, 465, 587, 2525] });
    expect(stateOf(home, tv)).toBe('restricted');
    home.open(laptop.address, servers[0] ?? '');
    expect([...home.state.conditions.keys()]).toEqual([]);
  });

  test('what was given up and is found after all counts once', () => {
    const home = world();
    home.give(ledger(3));
    home.pass(10_000);
    home.give(ledger(3));
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 0, withoutEvent: 3 });
    home.open(tv.address, servers[0] ?? '', 587, { kind: 'destroy', replied: true, assured: true });
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 1, withoutEvent: 2 });
    home.pass(10_000);
    home.give(ledger(3));
    expect(home.ask('device', { device: tv.mac })).toMatchObject({
      data: { connections: 3, connections_24h: 3, connections_without_event: 2 },
    });
  });

  test('an element that expired and was made again counts on', () => {
    const home = world();
    for (let index = 0; index < 5; index++) home.open(tv.address, servers[0] ?? '', 587);
    home.give(ledger(5));
    for (let index = 0; index < 2; index++) home.open(tv.address, servers[0] ?? '', 587);
    home.give(ledger(2));
    home.pass(10_000);
    home.give(ledger(2));
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 7, withoutEvent: 0 });
  });

  test('what the kernel counted before we started is not ours to miss', () => {
    const home = world();
    home.state.ledgerRead = false;
    home.give(ledger(500));
    home.pass(10_000);
    home.give(ledger(500));
    expect(home.state.records.get(keyOf(tv))?.withoutEvent).toBe(0);
  });

  test('of a device that a person forgot the kernel still counts: that is no news, what comes after it is', () => {
    const home = world();
    const counted = (more: number) => {
      const key = keyOf(tv);
      const attempts = [{ key, dst: servers[9] ?? '', port: 25 as const, attempts: 4 + more }];
      const { reading } = ledger(3 + more);
      home.give({ type: 'sets', reading: { ...reading, attempts, overruns: [{ key, packets: 9 }] } });
      home.pass(10_000);
    };
    for (let index = 0; index < 3; index++) home.open(tv.address, servers[0] ?? '', 587);
    counted(0);
    home.ask('forget', { device: keyOf(tv) });
    home.effects.length = 0;
    for (let reading = 0; reading < 3; reading++) counted(0);
    expect([home.state.records.size, home.events()]).toEqual([0, []]);
    home.open(tv.address, servers[0] ?? '', 587);
    counted(1);
    counted(1);
    expect(home.state.records.get(keyOf(tv))).toMatchObject({ connections: 1, withoutEvent: 0, refused: 1 });
  });

  test('a used-up budget is told once an hour', () => {
    const home = world();
    const overrun = (packets: number) =>
      home.give({
        type: 'sets',
        reading: { attempts: [], overruns: [{ key: keyOf(tv), packets }], full: [] },
      });
    overrun(10);
    overrun(20);
    expect(home.events()).toEqual(['opened', 'told']);
    expect(home.state.records.get(keyOf(tv))?.incident).toBeDefined();
  });

  test('a full set is degraded while it is full', () => {
    const home = world();
    home.give({ type: 'sets', reading: { attempts: [], overruns: [], full: ['attempts_new_mac4'] } });
    expect(home.ask('status')).toMatchObject({
      data: { degraded: [expect.objectContaining({ code: 'set_full' })] },
    });
    home.give({ type: 'sets', reading: { attempts: [], overruns: [], full: [] } });
    expect(home.ask('status')).toMatchObject({ data: { degraded: [] } });
  });

  test('so is one for which the daemon has more than fits, whatever the counters say', () => {
    const home = world();
    const degraded = () => home.ask('status');
    const read = (full: string[]) =>
      home.give({ type: 'sets', reading: { attempts: [], overruns: [], full } });
    home.give({ type: 'applied', ok: true, full: ['blocked_mac'] });
    read([]);
    expect(degraded()).toMatchObject({
      data: {
        degraded: [{ code: 'set_full', detail: expect.stringContaining('more than fits in blocked_mac') }],
      },
    });
    read(['ledger_mac4_lan']);
    home.give({ type: 'applied', ok: true, full: [] });
    expect(degraded()).toMatchObject({
      data: { degraded: [{ detail: 'ledger_mac4_lan' }] },
    });
    read([]);
    expect(degraded()).toMatchObject({ data: { degraded: [] } });
    expect(home.events()).toEqual(['degraded', 'recovered']);
  });
});
