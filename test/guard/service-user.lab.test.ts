import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, jailed, jailedId, startGuard } from './guard.ts';

/** CAP_NET_ADMIN alone: bit 12. */
const netAdmin = '0000000000001000';

let lab: Lab;
let guard: Guard;

/** What a daemon that was taken over would try, and what the kernel says to each. */
const attempts = `
const { openSync } = require('node:fs');
const told = {};
const attempt = (name, act) => { try { act(); told[name] = 'done'; } catch (error) { told[name] = error.code; } };
attempt('passwords', () => openSync('/etc/shadow', 'r'));
attempt('configuration', () => openSync(process.argv[1], 'r+'));
attempt('end another', () => process.kill(Number(process.argv[2]), 'SIGTERM'));
attempt('become root', () => process.setuid(0));
attempt('own namespace', () => openSync('/proc/' + process.argv[2] + '/ns/net', 'r'));
console.log(JSON.stringify(told));`;

describeLab('the user of the service, with CAP_NET_ADMIN alone', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab, { isJailed: true });
  });
  afterAll(() => lab?.stop());

  test('has no other right', async () => {
    const status = await readFile(`/proc/${await guard.process.hostPid()}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect([set, field(set)]).toEqual([set, netAdmin]);
    expect([field('Uid'), field('NoNewPrivs')]).toEqual([String(jailedId), '1']);
    const codes = (await guard.status()).degraded.map(({ code }) => code);
    expect(codes).not.toContain('running_as_root');
  });

  test('catches a bot, bans it, cuts and verifies', async () => {
    const { spread4, laptopRelay } = lab.addresses;
    const bot = await lab.actor('camera', 'direct-mx-bot', { targets: spread4, durationS: 4 });
    await bot.done;
    expect((await guard.device(lab.devices.camera.mac)).state).toBe('blocked');
    expect((await lab.sink.accepted()).length).toBeLessThanOrEqual(2);

    const session = await lab.actor('laptop', 'live-session', {
      ...{ target: laptopRelay, durationS: 30, paceMs: 20, from: 'live@bot.example' },
    });
    await expect.poll(() => session.stats()?.accepted ?? 0, { timeout: 10_000 }).toBeGreaterThan(2);
    const { incident = '' } = await ask(guard, 'block', { device: lab.devices.laptop.mac });
    expect(await session.done).toMatchObject({ resets: 1 });
    const types = async () => (await ask(guard, 'incident', { incident })).steps.map(({ type }) => type);
    await expect.poll(types, { timeout: 10_000 }).toContain('verified');
  });

  test('repairs its table, and keeps its state in files of its own', async () => {
    await lab.run('router', ['nft', 'delete', 'table', 'inet', 'postern']);
    const table = () => lab.run('router', ['nft', 'list', 'table', 'inet', 'postern']).catch(() => '');
    await expect.poll(table, { timeout: 8_000 }).toContain(lab.devices.camera.mac);
    await guard.stop();
    await sleep(100);
    expect((await stat(`${guard.dir}/data/state.json`)).uid).toBe(jailedId);
    await guard.restart();
    expect((await guard.device(lab.devices.camera.mac)).state).toBe('blocked');
  });

  test('is denied everything else', async () => {
    const argv = [...jailed, 'node', '-e', attempts, guard.configPath, '1'];
    expect(JSON.parse(await lab.run('router', argv))).toEqual({
      passwords: 'EACCES',
      configuration: 'EACCES',
      'end another': 'EPERM',
      'become root': 'EPERM',
      'own namespace': 'EACCES',
    });
  });
});
