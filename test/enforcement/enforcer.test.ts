import { expect, test } from 'vitest';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import type { NftPort, NftResult } from '../../daemon/enforcement/nft-port.ts';
import { keyOf, ruleset } from './rulesets.ts';

const fine: NftResult = { code: 0, stdout: '{"nftables": []}', stderr: '' };
const refused: NftResult = {
  code: 1,
  stdout: '',
  stderr: 'internal:0:0-0: Error: Could not process rule: File exists\nmore',
};
const absent: NftResult = { code: 1, stdout: '', stderr: 'Error: No such file or directory' };

/** An nft that answers as told, and remembers what it was asked. */
function fakeNft(
  answers: {
    apply?: (json: string) => Promise<NftResult>;
    list?: (args: readonly string[]) => NftResult;
  } = {},
) {
  const applied: string[] = [];
  const listed: string[] = [];
  const port: NftPort = {
    apply(json) {
      applied.push(json);
      return answers.apply?.(json) ?? Promise.resolve(fine);
    },
    list(args) {
      listed.push(args.join(' '));
      return Promise.resolve(answers.list?.(args) ?? absent);
    },
  };
  return { port, applied, listed };
}
const blocking = (mac: string) => ruleset({ blocked: [{ key: keyOf(mac) }] });

test('while a transaction is on its way only the newest ruleset waits, and every caller hears of it', async () => {
  const gates: (() => void)[] = [];
  const apply = () => new Promise<NftResult>((resolve) => gates.push(() => resolve(fine)));
  const { port, applied } = fakeNft({ apply });
  const enforcer = new Enforcer(port, () => 0);
  const first = enforcer.apply(ruleset(), 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const others = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'].map((mac) =>
    enforcer.apply(blocking(mac), 0),
  );
  gates[0]?.();
  await first;
  await new Promise((resolve) => setTimeout(resolve, 5));
  gates[1]?.();
  expect((await Promise.all(others)).every(({ ok }) => ok)).toBe(true);
  expect(applied).toHaveLength(2);
  expect(applied[1]).toContain('02:00:00:00:00:03');
  expect(applied[1]).not.toContain('02:00:00:00:00:01');
});

test('an application of what is applied runs nothing, and a new ban lists nothing first', async () => {
  const { port, applied, listed } = fakeNft();
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.apply(ruleset(), 0);
  listed.length = 0;
  expect(await enforcer.apply(ruleset(), 0)).toMatchObject({ ok: true, isChanged: false });
  expect(await enforcer.apply(blocking('02:00:00:00:00:01'), 0)).toMatchObject({ ok: true, isChanged: true });
  expect(applied).toHaveLength(2);
  expect(listed).toEqual([]);
});

test('a refused transaction is tried from what is there, then from nothing; then its reason is told', async () => {
  const { port, applied } = fakeNft({ apply: () => Promise.resolve(refused) });
  const result = await new Enforcer(port, () => 0).apply(ruleset(), 0);
  expect(result).toEqual({
    ok: false,
    ms: 0,
    error: 'internal:0:0-0: Error: Could not process rule: File exists',
  });
  expect(applied).toHaveLength(3);
});

test('only our own table is ever listed or touched', async () => {
  const { port, applied, listed } = fakeNft();
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.apply(blocking('02:00:00:00:00:01'), 0);
  await enforcer.adopt(0);
  await enforcer.read(['ledger', 'attempts', 'overruns', 'hits'], ['lan']);
  await enforcer.checkDrift(0);
  await enforcer.remove();
  for (const args of listed)
    expect(args).toMatch(/^(-t )?list (table inet postern$|set inet postern [a-z0-9_]+$)/);
  for (const json of applied) {
    for (const [, table] of json.matchAll(/"table":"(\w+)"/g)) expect(table).toBe('postern');
    expect(json.match(/"table":\{"family":"inet","name":"(?!postern")/)).toBeNull();
  }
});

test('a table too long for one reading is read set by set, for a while', async () => {
  const list = (args: readonly string[]): NftResult =>
    args[1] === 'table' ? { code: -1, stdout: '', stderr: '', isTooLong: true } : fine;
  const { port, listed } = fakeNft({ list });
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.read(['overruns'], []);
  await enforcer.read(['overruns'], []);
  expect(listed.filter((args) => args.includes('list table'))).toHaveLength(1);
  expect(listed.filter((args) => args.includes('overruns_new_ip6'))).toHaveLength(2);
});

test('attempts alone are read only after something was refused, and full sets stay told', async () => {
  let refusals = 1;
  const set = (name: string, type: string, elem: unknown[], size = 9) => ({
    set: { table: 'postern', name, type, elem, size },
  });
  const counted = (val: unknown) => ({ elem: { val, counter: { packets: refusals, bytes: 0 } } });
  const list = (args: readonly string[]): NftResult => {
    const sets = args.includes('refusals')
      ? [set('refusals', 'inet_service', [counted(25)])]
      : [set('overruns_mac', 'ether_addr', ['02:00:00:00:00:01'], 1)];
    return { ...fine, stdout: JSON.stringify({ nftables: sets }) };
  };
  const { port, listed } = fakeNft({ list });
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.read(['attempts', 'overruns'], []);
  for (const [now, runs] of [
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 1],
  ]) {
    refusals = now ?? 0;
    listed.length = 0;
    expect((await enforcer.read(['attempts'], []))?.full).toEqual(['overruns_mac']);
    expect(listed).toHaveLength(runs ?? 0);
  }
});

test('a check that a transaction overtakes says nothing', async () => {
  const kernel: { size: number; isGated: boolean; release: () => void } = {
    size: 1,
    isGated: false,
    release: () => {},
  };
  const apply = () => {
    if (!kernel.isGated) return Promise.resolve(fine);
    return new Promise<NftResult>((resolve) => {
      kernel.release = () => resolve(fine);
    });
  };
  const list = (): NftResult => {
    const objects = [
      { table: { name: 'postern' } },
      { set: { table: 'postern', name: 'x', type: 'ifname', size: kernel.size } },
    ];
    return { ...fine, stdout: JSON.stringify({ nftables: objects }) };
  };
  const { port } = fakeNft({ apply, list });
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.apply(ruleset(), 0);
  expect(await enforcer.checkDrift(0)).toEqual([]);
  kernel.size = 2;
  expect(await enforcer.checkDrift(0)).toEqual([{ what: 'set-changed', name: 'x' }]);
  await enforcer.apply(ruleset(), 0);
  expect(await enforcer.checkDrift(0)).toEqual([]);
  kernel.isGated = true;
  const applied = enforcer.apply(blocking('02:00:00:00:00:01'), 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const check = enforcer.checkDrift(0);
  kernel.size = 3;
  kernel.release();
  expect(await applied).toMatchObject({ ok: true });
  expect(await check).toBeUndefined();
});

test('a transaction is on its way when the call returns, and what comes meanwhile is not lost', async () => {
  const { port, applied } = fakeNft();
  const enforcer = new Enforcer(port, () => 0);
  await enforcer.apply(ruleset(), 0);
  const first = enforcer.apply(blocking('02:00:00:00:00:01'), 0);
  expect(applied).toHaveLength(2);
  const second = enforcer.apply(blocking('02:00:00:00:00:02'), 0);
  expect(applied).toHaveLength(2);
  expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }]);
  expect(applied.slice(1).map((json) => /02:00:00:00:00:0\d/.exec(json)?.[0])).toEqual([
    '02:00:00:00:00:01',
    '02:00:00:00:00:01',
  ]);
  expect(applied[2]).toContain('02:00:00:00:00:02');
});
