import { expect, test } from 'vitest';
import type { NftResult } from '../../daemon/enforcement/nft-port.ts';
import { TableReader } from '../../daemon/enforcement/table-reader.ts';

/** A kernel whose table holds one ban, and what has arrived from upstream. */
function kernel() {
  const state = {
    arrivals: 1,
    banned: '02:00:00:00:00:01',
    expires: undefined as number | undefined,
    nowMs: 0,
  };
  const runs: string[] = [];
  const stdout = () => {
    const { banned, expires, arrivals } = state;
    const element = expires === undefined ? banned : { elem: { val: banned, timeout: 600, expires } };
    const sets = [
      { table: { family: 'inet', name: 'postern', handle: 1 } },
      { counter: { family: 'inet', name: 'arrivals', table: 'postern', packets: arrivals, bytes: arrivals } },
      { set: { table: 'postern', name: 'blocked_mac', type: 'ether_addr', elem: [element] } },
      { set: { table: 'postern', name: 'overruns_mac', type: 'ether_addr', elem: [banned], size: 1 } },
    ];
    // As nft writes it: with a space after each colon.
    return JSON.stringify({ nftables: sets }).replaceAll('":', '": ').replaceAll(',"', ', "');
  };
  const list = (args: readonly string[]): Promise<NftResult> => {
    runs.push(args.join(' '));
    return Promise.resolve({ code: 0, stdout: stdout(), stderr: '' });
  };
  const nft = { list, apply: () => Promise.reject(new Error('reads only')) };
  return { state, runs, reader: new TableReader(nft, () => state.nowMs) };
}

const look = (reader: TableReader) => reader.look(new Map(), ['blocked_mac']);

test('a table found clean is not looked into again while it is the same, whatever arrives from upstream', async () => {
  const { state, reader } = kernel();
  expect(await look(reader)).not.toBe('as-before');
  // Not until a look found it as it should be.
  expect(await look(reader)).not.toBe('as-before');
  reader.noteClean();
  state.arrivals = 777_777;
  expect(await look(reader)).toBe('as-before');
  state.banned = '02:00:00:00:00:02';
  expect(await look(reader)).not.toBe('as-before');
});

test('nor after a transaction, nor where an element ends', async () => {
  const { state, reader } = kernel();
  await look(reader);
  reader.noteClean();
  reader.expectChange();
  expect(await look(reader)).not.toBe('as-before');
  state.expires = 300;
  await look(reader);
  reader.noteClean();
  // The same text later: somebody gave the element more time.
  expect(await look(reader)).not.toBe('as-before');
});

test('counters are taken from a look that is young enough, and attempts never', async () => {
  const { state, runs, reader } = kernel();
  await look(reader);
  runs.length = 0;
  state.nowMs = 5000;
  expect(await reader.read(['ledger', 'overruns'], [], 5000)).toMatchObject({
    overruns: [{ key: '020000000001' }],
    full: ['overruns_mac'],
  });
  expect(runs).toEqual([]);
  state.nowMs = 5001;
  await reader.read(['ledger', 'overruns'], [], 5000);
  await reader.read(['ledger', 'overruns'], [], 0);
  expect(runs).toHaveLength(2);
  await reader.read(['attempts', 'overruns'], [], 60_000);
  expect(runs.slice(2)).toEqual(['list set inet postern refusals', 'list table inet postern']);
});

test('counters never go back: a look older than a reading is not taken for one', async () => {
  const { state, runs, reader } = kernel();
  await look(reader);
  state.nowMs = 1000;
  await reader.read(['ledger'], [], 0);
  runs.length = 0;
  state.nowMs = 2000;
  await reader.read(['ledger', 'overruns'], [], 5000);
  expect(runs).toEqual(['list table inet postern']);
  state.nowMs = 3000;
  await look(reader);
  await reader.read(['ledger', 'overruns'], [], 5000);
  expect(runs).toHaveLength(2);
});

test('what a look found is told again by the same table, and not by a changed one', async () => {
  const { state, reader } = kernel();
  const overruns = async () => (await reader.read(['overruns'], [], 5000))?.overruns.map(({ key }) => key);
  await look(reader);
  expect(await overruns()).toEqual(['020000000001']);
  await look(reader);
  expect(await overruns()).toEqual(['020000000001']);
  state.banned = '02:00:00:00:00:02';
  await look(reader);
  expect(await overruns()).toEqual(['020000000002']);
});
