import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlocklistsDocument } from '../../daemon/engine/documents.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;
let dns: LabProcess | undefined;

const port = 5353;
const address = '9.9.9.9';
const lists = ['bl.example', 'public.example', 'gone.example'];
/** The lists' test addresses, and what one of them says to a public resolver. */
const usual = ['2.0.0.127.bl.example,127.0.0.2', '2.0.0.127.public.example,127.255.255.254'];

/** A resolver of the router's that knows these names and says of every other that it does not exist. */
async function publish(...records: readonly string[]): Promise<void> {
  await dns?.stop();
  dns = lab.spawn('router', [
    ...[
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--no-resolv',
      '--no-hosts',
    ],
    ...[`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--local=/example/'],
    `--pid-file=${join(lab.dir, 'lists.pid')}`,
    ...[...usual, ...records].map((record) => `--host-record=${record}`),
  ]);
}

/** Asks the lists again as soon as they may be asked, and waits for what comes of it. */
async function look(): Promise<BlocklistsDocument> {
  const before = (await ask(guard, 'status')).blocklists?.checked;
  await expect
    .poll(() => guard.cli('blocklists', '--now').catch(() => ''), { timeout: 70_000, interval: 1000 })
    .not.toBe('');
  const document = async () => (await ask(guard, 'status')).blocklists;
  await expect.poll(async () => (await document())?.checked, { timeout: 15_000 }).not.toBe(before);
  return (await document()) ?? { shared_address: false, listings: [] };
}

describeLab('the home’s address on blocklists', () => {
  beforeAll(async () => {
    lab = await startLab();
    await publish();
    const main = { blocklist: lists, blocklist_resolver: `127.0.0.1:${port}` };
    guard = await startGuard(lab, { main });
  });

  afterAll(() => lab?.stop());

  test('is not looked up where it is not public', async () => {
    expect(await look()).toMatchObject({ shared_address: true, listings: [] });
  });

  test('is found there, told with who mailed, and told again when it is over', async () => {
    // The lab's link outwards has an address for documentation: nobody could list that.
    const config = JSON.parse(readFileSync(guard.configPath, 'utf8'));
    for (const network of config.networks) if (network.role === 'upstream') network.addresses = [address];
    writeFileSync(guard.configPath, JSON.stringify(config));
    process.kill(await guard.process.hostPid(), 'SIGHUP');
    const bot = await lab.actor('camera', 'direct-mx-bot', { targets: lab.addresses.spread4, durationS: 2 });
    await bot.done;

    await publish(`9.9.9.9.bl.example,127.0.0.4`);
    const { listings } = await look();
    expect(listings).toEqual([
      expect.objectContaining({ list: 'bl.example', address, state: 'listed' }),
      expect.objectContaining({
        list: 'public.example',
        state: 'unknown',
        reason: expect.stringContaining('public'),
      }),
      expect.objectContaining({ list: 'gone.example', state: 'unknown' }),
    ]);
    const said = guard.process.errors.join('\n');
    expect(said).toMatch(/9\.9\.9\.9 is on the blocklist bl\.example .*mail was sent by reolink-e1/);
    expect(await guard.cli('blocklists')).toMatch(/bl\.example +9\.9\.9\.9 +LISTED/);
    expect(await guard.cli('report')).toContain('the address is listed');

    await publish();
    expect((await look()).listings[0]).toMatchObject({ state: 'clear' });
    expect(await guard.cli('report')).toContain('not all blocklists could be asked');
    expect([...guard.process.lines, ...guard.process.errors].join('\n')).toContain('bl.example no more');

    // Nobody answers: that says nothing about the address.
    await dns?.stop();
    expect((await look()).listings.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
  }, 400_000);
});
