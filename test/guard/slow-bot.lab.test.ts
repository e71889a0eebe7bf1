import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { repositoryRoot } from '../lab/root.ts';
import { ask } from './ask.ts';
import { type Guard, startGuard } from './guard.ts';

let lab: Lab;
let guard: Guard;
let aheadFile: string;
let aheadMs = 0;

const hourMs = 3_600_000;

describeLab('a bot that mails ten times in 14 days', () => {
  beforeAll(async () => {
    lab = await startLab();
    aheadFile = join(lab.dir, 'ahead');
    guard = await startGuard(lab, {
      env: {
        NODE_OPTIONS: `--require ${join(repositoryRoot, 'test/guard/jumping-clock.cjs')}`,
        CLOCK_AHEAD_FILE: aheadFile,
      },
    });
  });

  afterAll(() => lab?.stop());

  /**
   * Lets time pass for the daemon, and gives it the time to read anew whose address is whose. The kernel's clock stays:
   * a ban that has ended for the daemon is in its set until the next check finds it there.
   */
  async function pass(hours: number): Promise<void> {
    aheadMs += hours * hourMs;
    writeFileSync(aheadFile, String(aheadMs));
    await sleep(3500);
    for (const set of ['restricted_mac', 'blocked_mac']) {
      await expect
        .poll(() => lab.nft('list', 'set', 'inet', 'postern', set), { timeout: 15_000, interval: 250 })
        .not.toContain(lab.devices.camera.mac);
    }
  }

  test('is restricted at its second mail and blocked at its third or fourth, a day and a half apart', async () => {
    const device = { device: lab.devices.camera.mac };
    const states: string[] = [];
    const scores: number[] = [];
    for (const target of lab.addresses.spread4.slice(0, 4)) {
      const bot = await lab.actor('camera', 'direct-mx-bot', {
        ...{ targets: [target], workers: 1, maxMessages: 1, durationS: 5, from: 'slow@bot.example' },
      });
      await bot.done;
      await sleep(500);
      const seen = await ask(guard, 'device', device);
      states.push(seen.state);
      scores.push(seen.score);
      await pass(33.6);
    }
    const why = (await ask(guard, 'device', { ...device, why: true })).why.join('\n');
    console.log(`${states.join(', ')}; scores ${scores.join(', ')}\n${why}`);
    expect(states[0]).not.toMatch(/restricted|blocked/);
    expect(states.slice(1)).toEqual(expect.arrayContaining(['restricted', 'blocked']));
    expect(states[1]).toBe('restricted');
    // 33.6 hours take a fifteenth off: 3.62 and then 3.38 + 3.62, a delivery or a short session more or less.
    expect(scores[1]).toBeGreaterThan(5.5);
    expect(scores[1]).toBeLessThan(8.5);
    for (const target of lab.addresses.spread4.slice(0, 2)) expect(why).toContain(target);
    expect((await lab.sink.counts()).bySender['slow@bot.example']).toBeLessThanOrEqual(2);
  });
});
