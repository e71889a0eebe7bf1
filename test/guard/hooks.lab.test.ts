import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keptEvents } from '../../daemon/control/feed.ts';
import { hooksUser, withoutRights } from '../hooks/without-rights.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { ask } from './ask.ts';
import { flags, type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;
let hooks: LabProcess;

const at = (...path: readonly string[]) => join(lab.dir, ...path);
const lines = (name: string) => readFileSync(at('out', name), 'utf8').trim().split('\n');
/** Ids of the events that ran the hook, in order. */
const ids = () => lines('events').map((line) => line.split(' ')[0] ?? '');
const soon = { timeout: 20_000, interval: 100 };

async function residentKb(): Promise<number> {
  const text = await readFile(`/proc/${await guard.process.hostPid()}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1]);
}

/** Wakes nsenter, which stops with what it runs, and wakes that in turn. */
async function resume(): Promise<void> {
  const status = await readFile(`/proc/${await hooks.hostPid()}/status`, 'utf8');
  process.kill(Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), 'SIGCONT');
}

/** What a package does: a folder for the socket whose group goes over to it, and hooks that root wrote. */
function prepare(): void {
  chmodSync(lab.dir, 0o711);
  for (const path of ['out', 'hooks.d', 'bundle', 'postern/run/events'])
    mkdirSync(at(path), { recursive: true });
  chownSync(at('out'), hooksUser, hooksUser);
  chownSync(at('postern/run/events'), 0, hooksUser);
  chmodSync(at('postern/run/events'), 0o2750);
  for (const file of ['postern.cjs', 'postern-cli.cjs', 'postern-hooks.cjs'])
    copyFileSync(join('dist', file), at('bundle', file));
  const control = at('postern/run/postern.sock');
  const script = `#!/bin/sh
cd ${at('out')}
printf '%s %s\\n' "$POSTERN_ID" "$POSTERN_TYPE" >>events
grep -E '^(Uid|Cap)' /proc/self/status >rights
{ nft delete table inet postern; node ${at('bundle/postern.cjs')} pause --socket ${control}; } >refused 2>&1
cat >input
`;
  writeFileSync(at('hooks.d/note'), script, { mode: 0o755 });
}

function startHooks(): LabProcess {
  const words = ['hooks', '--dir', at('hooks.d'), '--socket', at('postern/run/events/postern.sock')];
  return lab.spawn('router', [...withoutRights, 'node', ...flags, at('bundle/postern.cjs'), ...words]);
}

describeLab('hooks', () => {
  beforeAll(async () => {
    lab = await startLab();
    prepare();
    guard = await startGuard(lab);
    hooks = startHooks();
    await hooks.waitForLine(/runs the hooks in/);
  });
  afterAll(async () => {
    await hooks?.stop();
    await guard?.stop();
    await lab?.stop();
  });

  test('the ban of a bot runs a hook, which has no rights, and can touch neither the table nor the guard', async () => {
    const { mac } = lab.devices.camera;
    const bot = await lab.actor('camera', 'direct-mx-bot', { targets: lab.addresses.spread4, durationS: 3 });
    const { incident = '' } = await guard.until(mac, ({ state }) => state === 'blocked');
    await bot.done;
    const { steps } = await ask(guard, 'incident', { incident });
    const expected = steps.map(({ type }, index) => `${incident}.${index + 1} ${type}`);
    expect(expected.map((line) => line.split(' ')[1])).toEqual(expect.arrayContaining(['opened', 'blocked']));
    await expect
      .poll(() => lines('events').filter((line) => line.startsWith(incident)), soon)
      .toEqual(expect.arrayContaining(expected));
    expect(new Set(ids()).size).toBe(ids().length);

    const rights = readFileSync(at('out/rights'), 'utf8');
    expect(rights.match(/^Cap\w+:\s+0{16}$/gm)).toHaveLength(5);
    expect(rights).toMatch(new RegExp(`^Uid:(\\s+${hooksUser}){4}$`, 'm'));
    await expect
      .poll(() => readFileSync(at('out/refused'), 'utf8'), soon)
      .toMatch(/not permitted[\s\S]*no right/);
    expect(await ask(guard, 'status')).not.toHaveProperty('paused_until');
    expect(JSON.parse(readFileSync(at('out/input'), 'utf8'))).toMatchObject({
      schema: 1,
      node: 'openwrt-1a2b3c',
    });
  });

  test('a stopped follower costs the daemon nothing, and goes on with the newest events', async () => {
    const tell = async (count: number) => {
      for (let number = 0; number < count; number++) await ask(guard, 'test');
    };
    const quick = `#!/bin/sh\nprintf '%s %s\\n' "$POSTERN_ID" "$POSTERN_TYPE" >>${at('out/events')}\n`;
    writeFileSync(at('hooks.d/note'), quick);
    await hooks.kill('SIGSTOP');
    await tell(300);
    const beforeKb = await residentKb();
    await tell(3000);
    const grownKb = (await residentKb()) - beforeKb;
    console.log(`3,000 events more while a follower is stopped: ${grownKb} KB`);
    expect(grownKb).toBeLessThan(8_000);
    await resume();
    await expect.poll(() => hooks.errors.join(), soon).toContain('some have run no hook');
    await tell(1);
    const numbers = () =>
      lines('events').flatMap((line) => (/-(\d+) test$/.exec(line) ?? []).slice(1).map(Number));
    await expect.poll(() => numbers().at(-1), soon).toBeGreaterThan(3300);
    expect(numbers()).toEqual([...new Set(numbers())].sort((a, b) => a - b));
    expect(numbers().filter((number) => number > 3200).length).toBeGreaterThan(keptEvents / 2);
  });

  test('"postern test" tells how each hook ended: well, with an exit code, or not in time', async () => {
    const put = (name: string, body: string) =>
      writeFileSync(at('hooks.d', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    put('10-good', 'exit 0');
    put('20-bad', 'exit 3');
    put('30-hangs', 'exec sleep 60');
    const table = await guard.cli('test');
    expect(table).toMatch(/^hook 10-good +done, exit code 0$/m);
    expect(table).toMatch(/^hook 20-bad +failed, exit code 3; see the log$/m);
    expect(table).toMatch(/^hook 30-hangs +stopped when its time was up, exit code 143$/m);
    expect(table).toMatch(/^hook note +done, exit code 0$/m);
    rmSync(at('hooks.d/30-hangs'));
    expect(JSON.parse(await guard.cli('test', '--json'))).toMatchObject({
      ...{ mqtt: 'off', followers: 1, silent: 0 },
      hooks: [
        { hook: '10-good', code: 0 },
        { hook: '20-bad', code: 3 },
        { hook: 'note', code: 0 },
      ],
    });
  });

  test('the hooks go on when the daemon was killed and starts again', async () => {
    expect(await ask(guard, 'test')).toMatchObject({ mqtt: 'off', followers: 1 });
    const before = ids().length;
    await guard.process.kill('SIGKILL');
    await guard.process.exited;
    await guard.restart();
    await ask(guard, 'test');
    await expect.poll(() => ids().length, soon).toBeGreaterThan(before);
    expect(new Set(ids()).size).toBe(ids().length);
  });
});
