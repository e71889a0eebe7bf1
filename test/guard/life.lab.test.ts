import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type Guard, startGuard } from './guard.ts';

describeLab('the life of a daemon', () => {
  let lab: Lab;
  let guard: Guard;
  let record: string;

  beforeAll(async () => {
    lab = await startLab();
    record = join(lab.dir, 'inputs.jsonl');
    guard = await startGuard(lab, {
      record,
      devices: [{ mac: lab.devices.camera.mac, name: 'Hall camera' }],
    });
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  const bundle = (...args: string[]) => lab.exec('router', ['node', 'dist/postern.cjs', ...args]);

  test('it is ok, and its socket and state are for its own group only', async () => {
    expect(await guard.status()).toMatchObject({
      state: 'ok',
      mode: 'guard',
      version: expect.stringMatching(/^\d/),
    });
    expect(statSync(join(guard.dir, 'run', 'postern.sock')).mode & 0o777).toBe(0o660);
  });

  test('a second daemon refuses to start, and the first goes on', async () => {
    const second = await bundle('run', '--config', guard.configPath);
    expect(second).toMatchObject({ code: 69, stderr: expect.stringContaining('another Postern runs') });
    expect(await guard.status()).toMatchObject({ state: 'ok' });
  });

  test('a recording of a whole incident replays to the same decisions', async () => {
    const targets = lab.addresses.spread4;
    await (await lab.actor('camera', 'direct-mx-bot', { targets, workers: 8, durationS: 2 })).done;
    const mac = lab.devices.camera.mac;
    const told = await guard.until(mac, ({ state }) => state === 'blocked', 40_000);
    expect(told.name).toBe('Hall camera');
    const incident = JSON.parse(await guard.cli('incident', told.incident ?? '', '--json')) as {
      steps: { type: string }[];
    };
    const replayed = JSON.parse((await bundle('replay', record, '--json')).stdout) as {
      devices: { device: string; state: string }[];
      events: { type: string; incident?: string }[];
    };
    expect(replayed.devices.find(({ device }) => device === told.device)?.state).toBe('blocked');
    const steps = replayed.events.filter((event) => event.incident === told.incident).map(({ type }) => type);
    expect(steps.slice(0, incident.steps.length)).toEqual(incident.steps.map(({ type }) => type));
  });

  test('a second daemon with a folder of its own refuses too: the table is the same', async () => {
    const dir = join(lab.dir, 'second');
    mkdirSync(dir);
    const other = JSON.parse(readFileSync(guard.configPath, 'utf8')) as { main: object };
    const main = { ...other.main, data_dir: join(dir, 'data') };
    const path = join(dir, 'config.json');
    writeFileSync(path, JSON.stringify({ ...other, main, run_dir: join(dir, 'run') }));
    const second = await lab.exec('router', [
      'timeout',
      '5',
      'node',
      'dist/postern.cjs',
      'run',
      '--config',
      path,
    ]);
    expect(second).toMatchObject({ code: 69, stderr: expect.stringContaining('another Postern runs') });
    expect(await bundle('check', '--config', path)).toMatchObject({ code: 0 });
  });

  test('one that was killed leaves no claim behind; the next sees through whom routes lead, and holds none of them', async () => {
    await guard.process.kill('SIGKILL');
    await guard.process.exited;
    // Its reader of events would end with the next event.
    await lab.exec('router', ['pkill', '-f', 'conntrack -E']);
    const { tv, phone } = lab.devices;
    const link = lab.networks[0]?.interface ?? '';
    const ip = (...argv: string[]) => lab.run('router', ['ip', ...argv]);
    await ip('neigh', 'replace', tv.ip4, 'lladdr', tv.mac, 'dev', link, 'nud', 'reachable');
    await ip('route', 'add', '10.20.0.0/16', 'via', tv.ip4);
    await guard.restart();
    await expect(guard.cli('block', tv.mac)).rejects.toThrow('the next hop of a route');
    await guard.cli('block', phone.mac);
    await guard.cli('release', phone.mac);
    await ip('route', 'del', '10.20.0.0/16');
    expect(await guard.status()).toMatchObject({ state: 'ok' });
  });

  test('the saved table loads without Node, again and again, with the ban in it', async () => {
    const saved = join(guard.dir, 'data', 'guard.nft');
    await expect
      .poll(() => readFileSync(saved, 'utf8'), { timeout: 15_000 })
      .toContain(lab.devices.camera.mac);
    const printed = join(lab.dir, 'printed.nft');
    writeFileSync(
      printed,
      await lab.run('router', [
        'node',
        'dist/postern.cjs',
        'ruleset',
        '--static',
        '--config',
        guard.configPath,
      ]),
    );
    for (const file of [saved, printed]) {
      // In a namespace of its own: the script must not need what the daemon made.
      const script = `nft -f ${file} && nft -f ${file} && nft list set inet postern blocked_mac`;
      const loaded = await lab.exec('router', ['unshare', '-n', 'sh', '-c', script]);
      expect(loaded.stderr).toBe('');
      expect(loaded.stdout).toContain(lab.devices.camera.mac);
    }
  });

  test('the saved table does not wait for the state: power may fail between the two', async () => {
    const inTheWay = join(guard.dir, 'data', 'state.json.new');
    mkdirSync(inTheWay);
    const { mac } = lab.devices.printer;
    await guard.cli('block', mac, '--for', '1h');
    await expect
      .poll(() => readFileSync(join(guard.dir, 'data', 'guard.nft'), 'utf8'), { timeout: 15_000 })
      .toMatch(new RegExp(`element inet postern blocked_mac \\{[^}]*${mac}`));
    expect((await guard.status()).degraded.map(({ code }) => code)).toContain('state_not_saved');
    rmdirSync(inTheWay);
    await guard.cli('release', mac);
  });

  test('a bad configuration is refused on reload with its reasons, and the old one stays', async () => {
    guard.configure({ main: { mode: 'gaurd', max_bans: 'many' } });
    await guard.process.kill('SIGHUP');
    await expect.poll(() => guard.process.errors.join()).toMatch(/main\.mode.*main\.max_bans/);
    await expect
      .poll(async () => (await guard.status()).degraded.map(({ code }) => code))
      .toContain('config_rejected');
    expect((await guard.device(lab.devices.camera.mac)).name).toBe('Hall camera');
    const check = await bundle('check', guard.configPath);
    expect(check.code).toBe(78);
    expect(check.stdout + check.stderr).toMatch(/mode[\s\S]*max_bans|max_bans[\s\S]*mode/);
  });

  test('a good one is taken over: observe lets go in the kernel, guard holds again', async () => {
    const devices = [{ mac: lab.devices.camera.mac, name: 'Garden camera' }];
    guard.configure({ devices, main: { mode: 'observe' } });
    await guard.process.kill('SIGHUP');
    await expect.poll(async () => (await guard.status()).mode).toBe('observe');
    expect(await guard.status()).toMatchObject({
      degraded: expect.not.arrayContaining([{ code: 'config_rejected' }]),
    });
    await expect.poll(() => lab.nft('list', 'table', 'inet', 'postern')).not.toContain('reject');
    guard.configure({ devices });
    await guard.process.kill('SIGHUP');
    await expect.poll(() => lab.nft('list', 'table', 'inet', 'postern')).toContain('reject');
    expect((await guard.device(lab.devices.camera.mac)).name).toBe('Garden camera');
  });

  test('a mistake in the configuration ends the start with exit code 78', async () => {
    const path = join(lab.dir, 'bad.json');
    writeFileSync(path, '{"main":{"preset":"fierce"}}');
    expect(await bundle('run', '--config', path)).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('preset'),
    });
  });

  test('it stops on SIGTERM, once or twice, leaves the table in force without the mask, and no process behind', async () => {
    await guard.process.kill('SIGTERM');
    await guard.process.kill('SIGTERM');
    expect(await guard.process.exited).toMatchObject({ code: 0 });
    const table = await lab.nft('list', 'table', 'inet', 'postern');
    expect(table).not.toContain('ct event');
    expect(table).toContain('ct status');
    const left = await lab.exec('router', ['pgrep', '-f', 'conntrack -E']);
    expect(left.stdout).toBe('');
  });
});
