import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { childrenOf } from '../lab/holder.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';
import { ledgerOf } from './ledger.ts';

const kills = 20;

let lab: Lab;
let guard: Guard;

/** The daemon's event reader, once it runs; none but its own child. */
async function readerOf(daemonPid: number): Promise<number> {
  for (;;) {
    for (const pid of await childrenOf(daemonPid)) {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (words[0] === 'conntrack' && words.includes('-E')) return pid;
    }
    await sleep(10);
  }
}

describeLab('events that never come', () => {
  beforeAll(async () => {
    lab = await startLab();
    const { mailserver, laptop } = lab.devices;
    const { laptopRelay, laptopRelay6 } = lab.addresses;
    const relay = [`${laptopRelay}:587`, `[${laptopRelay6}]:587`];
    guard = await startGuard(lab, {
      devices: [
        { mac: mailserver.mac, class: 'mailserver' },
        { mac: laptop.mac, class: 'computer', relay },
      ],
    });
    // An entry ends with its connection, so that no listing finds what came and went unheard.
    for (const state of ['time_wait', 'close']) {
      await lab.run('router', ['sysctl', '-q', `net.netfilter.nf_conntrack_tcp_timeout_${state}=0`]);
    }
  });

  afterAll(() => lab?.stop());

  test('conntrack killed 20 times: what the ledger counted is in the totals, what was lost is said so', async () => {
    const { spread4, spread6, laptopRelay, laptopRelay6 } = lab.addresses;
    const durationS = 60;
    const server = await lab.actor('mailserver', 'direct-mx-bot', {
      ...{ targets: [...spread4, ...spread6], ratePerS: 20, durationS, from: 'server@home.example' },
    });
    const laptop = await lab.actor('laptop', 'laptop-mail', {
      ...{ relays: [laptopRelay, laptopRelay6], everyMs: 400, durationS, from: 'laptop@home.example' },
    });
    const daemonPid = await guard.process.hostPid();
    const startedAtMs = Date.now();
    for (let kill = 0; kill < kills; kill++) {
      const reader = await readerOf(daemonPid);
      await sleep(200);
      process.kill(reader, 'SIGKILL');
      while ((await childrenOf(daemonPid)).includes(reader)) await sleep(5);
    }
    await readerOf(daemonPid);
    await sleep(500);
    const [serverStats, laptopStats] = await Promise.all([server.stop(), laptop.stop()]);
    console.log(`${kills} kills in ${Date.now() - startedAtMs} ms`);

    for (const [mac, attempts] of [
      [lab.devices.mailserver.mac, serverStats.attempts],
      [lab.devices.laptop.mac, laptopStats.attempts],
    ] as const) {
      const counted = await ledgerOf(lab, mac);
      // The last of an actor that is stopped may not have begun; a stray packet after an end counts as another.
      expect(Math.abs(counted - attempts)).toBeLessThan(10);
      await expect
        .poll(() => ask(guard, 'device', { device: mac }), { timeout: 25_000, interval: 500 })
        .toMatchObject({ connections: counted, connections_24h: counted });
      const device = await ask(guard, 'device', { device: mac, why: true });
      const lost = device.connections_without_event;
      console.log(`${device.name}: ${counted} in the ledger, ${lost} of them without an event`);
      expect(lost).toBeGreaterThan(0);
      expect(lost).toBeLessThan(counted);
      const said = device.why.flatMap(
        (line) => /(\d+) connections? whose destination is unknown/.exec(line)?.[1] ?? [],
      );
      expect(said.reduce((sum, number) => sum + Number(number), 0)).toBeGreaterThanOrEqual(lost);
      expect(device).toMatchObject({ state: 'normal', refused: 0 });
    }
    const { degraded } = await ask(guard, 'status');
    expect(degraded.map(({ code }) => code)).toContain('events_lost');
    expect(degraded.map(({ code }) => code)).not.toContain('no_events');
    expect(guard.process.errors.join('\n')).toMatch(/mail connections without an event/);
  });
});
