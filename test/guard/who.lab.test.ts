import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WhoDocument } from '../../daemon/history/who-answer.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { infect } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';

describeLab('whose fault it was', () => {
  let lab: Lab;
  let guard: Guard;
  let atMs = 0;

  beforeAll(async () => {
    lab = await startLab();
    guard = await startGuard(lab, { devices: [{ mac: lab.devices.camera.mac, name: 'Hall camera' }] });
    const bot = await infect(lab, 'camera', '4', { durationS: 4 });
    atMs = Date.now();
    await bot.done;
    await guard.until(lab.devices.camera.mac, ({ state }) => state === 'blocked', 20_000);
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  const sumOf = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0);
  const file = () => join(guard.dir, 'data', 'history.bin');
  const time = () => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
  const who = async (...args: string[]) =>
    JSON.parse(await guard.cli('who', ...args, '--json')) as WhoDocument & { readonly name?: string };

  test('the bot is named by the time, in words and as JSON', async () => {
    const { answers } = await who('--at', time(), '--port', '25');
    expect(answers[0]).toMatchObject({ device: 'ec71db5e1001', name: 'Hall camera', ports: [25] });
    expect(answers[0]?.connections).toBeGreaterThan(2);
    expect(await guard.cli('who', '--at', time())).toContain('Hall camera (ec71db5e1001');
    expect((await who('--at', time(), '--port', '587')).answers).toEqual([]);
    expect(await who(lab.devices.camera.ip4)).toMatchObject({ name: 'Hall camera' });
  });

  test('by a notice as well', async () => {
    const notice = join(lab.dir, 'notice.txt');
    writeFileSync(notice, `Your IP 203.0.113.7 sent spam.\nTimestamp: ${time()}\nDestination port: 25\n`);
    expect(await guard.cli('who', '--notice', notice)).toMatch(
      /Found in the notice about 203\.0\.113\.7: 1 time.*Hall camera/s,
    );
    writeFileSync(notice, `203.0.113.7:4242 -> 192.0.2.200:25 at ${time()}\n`);
    expect(await guard.cli('who', '--notice', notice)).toMatch(
      /port 25, to 192\.0\.2\.200.*Less likely: Hall camera.*Nothing was seen to that mail server/s,
    );
  });

  test('its incident is a paper to hand on, with names and without', async () => {
    const { incident = '' } = await guard.device(lab.devices.camera.mac);
    const named = await guard.cli('evidence', incident);
    expect(named).toContain('Hall camera');
    expect(named).toContain(new Date(atMs).toISOString().slice(0, 10));
    const bare = await guard.cli('evidence', incident, '--no-names', '--json');
    expect(bare).not.toMatch(/Hall|ec71db5e1001|Reolink/);
    expect(JSON.parse(bare).refused).toBeGreaterThan(0);
  });

  test('what a person says of it from the command line is kept, and shown', async () => {
    const { incident = '' } = await guard.device(lab.devices.camera.mac);
    expect(await guard.cli('acknowledge', incident)).toContain(`you have seen ${incident}`);
    expect(await guard.cli('incidents')).toMatch(new RegExp(`${incident}.* open, seen `));
    expect(await guard.cli('history')).toMatch(
      /^HOUR +CONNECTIONS +SUSPICIOUS +REFUSED\n[^ ]+ \d\d:00 UTC +\d+ +\d+ +\d+$/m,
    );
    expect(await guard.cli('history', lab.devices.camera.mac)).toMatch(
      /^HOUR +CONNECTIONS\n.* UTC +[1-9]\d*$/m,
    );
    const { mac } = lab.devices.printer;
    expect(await guard.cli('pin', mac)).toContain('It is kept');
    const isPinned = async () =>
      JSON.parse(await guard.cli('devices', '--json')).devices.some(
        ({ pinned }: { pinned?: true }) => pinned,
      );
    expect(await isPinned()).toBe(true);
    expect(await guard.cli('pin', mac, '--off')).toContain('no longer kept');
    expect(await isPinned()).toBe(false);
    expect(await guard.cli('forget', mac)).toContain('is forgotten');
    expect((await ask(guard, 'devices')).devices.map(({ name }) => name)).toEqual(['Hall camera']);
  });

  test('a relay that was allowed until a person ends it is in the kernel until then', async () => {
    const { mac } = lab.devices.laptop;
    const relays = async () => (await lab.nft('list', 'table', 'inet', 'postern')).includes('198.51.100.25');
    expect(await relays()).toBe(false);
    await guard.cli('allow', mac, '198.51.100.25:587');
    await expect.poll(relays).toBe(true);
    expect(await guard.cli('device', mac)).toMatch(/^allowed +198\.51\.100\.25(?:\/32)?:587$/m);
    await guard.cli('disallow', mac, '198.51.100.25:587');
    await expect.poll(relays).toBe(false);
    await expect(guard.cli('disallow', mac, '198.51.100.25:587')).rejects.toThrow();
    await guard.cli('forget', mac);
  });

  test('after a repair that was none, a watch tells that it tried again', async () => {
    const { camera } = lab.devices;
    expect(await guard.cli('watch', camera.mac)).toContain('It is watched closely');
    // What comes in the first seconds was on its way.
    const bot = await infect(lab, 'camera', '4', { durationS: 18 });
    const story = () => guard.cli('evidence', lastIncident, '--json');
    const { incident: lastIncident = '' } = await guard.device(camera.mac);
    await expect.poll(story, { timeout: 25_000, interval: 1000 }).toContain('tried_again');
    await bot.stop();
    expect(await guard.cli('report')).toMatch(
      /^The week: \d+ devices watched, .* 1 suspicious, \d+ attempts refused/,
    );
  });

  test('a stop writes it, and the next run knows it', async () => {
    const week = await ask(guard, 'history');
    expect(sumOf(week.connections)).toBeGreaterThan(2);
    expect(sumOf(week.refused)).toBeGreaterThan(0);
    await guard.stop();
    expect(statSync(file()).size).toBeLessThan(2000);
    await guard.restart();
    // The week of the page goes on where it was.
    await expect.poll(async () => sumOf((await ask(guard, 'history')).refused)).toBe(sumOf(week.refused));
    expect(sumOf((await ask(guard, 'history')).connections)).toBe(sumOf(week.connections));
    expect((await who('--at', time())).answers[0]).toMatchObject({ name: 'Hall camera' });
  });

  test('a damaged file is kept aside and told, and the guard goes on', async () => {
    await guard.stop();
    const bytes = readFileSync(file());
    copyFileSync(file(), join(lab.dir, 'whole'));
    writeFileSync(file(), bytes.subarray(0, -3));
    await guard.restart();
    await expect
      .poll(async () => (await guard.status()).degraded.map(({ code }) => code), { timeout: 5000 })
      .toContain('state_damaged');
    expect(existsSync(`${file()}.damaged`)).toBe(true);
    const { answers, notes } = await who('--at', time());
    expect(answers.filter(({ connections }) => connections > 0)).toEqual([]);
    expect(notes.join()).toContain('The history starts at');
  });
});
