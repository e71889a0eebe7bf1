import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { deviceBudgets } from '../../daemon/enforcement/budgets.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { ask } from './ask.ts';
import { acceptedFrom, freshGuard, infect } from './bots.ts';
import type { Guard } from './guard.ts';
import { ledgerOf } from './ledger.ts';

let lab: Lab;
let guard: Guard;
let listener: LabProcess | undefined;

/** What the daemon heard from conntrack, by its own recording: mail connections, and whether events were lost. */
function heardIn(recording: string) {
  const lines = readFileSync(recording, 'utf8').trim().split('\n');
  const inputs = lines.map((line) => JSON.parse(line) as { type: string; reason?: string; flow?: FlowEvent });
  return {
    connections: inputs.filter(({ flow }) => flow?.kind === 'new').length,
    isComplete: !inputs.some(({ type, reason }) => type === 'gap' && reason !== 'listening'),
  };
}

describeLab('5,000 unrelated connections a second', () => {
  beforeAll(async () => {
    lab = await startLab({ delayMs: 20 });
    // An entry ends with its connection, so that no listing finds what came and went unheard.
    for (const state of ['time_wait', 'close']) {
      await lab.run('router', ['sysctl', '-q', `net.netfilter.nf_conntrack_tcp_timeout_${state}=0`]);
    }
  });
  afterAll(() => lab?.stop());

  test.each([
    ['masked in the kernel', 'laptop', false],
    ['read by the daemon, since somebody else listens too', 'visitor', true],
  ] as const)('do not hide a bot where their events are %s', async (what, host, isListening) => {
    // What another program of a router would do all the time.
    if (isListening) listener = lab.spawn('router', ['sh', '-c', 'exec conntrack -E >/dev/null 2>&1']);
    const record = join(lab.dir, `${host}.jsonl`);
    guard = await freshGuard(lab, { record });
    const { degraded } = await ask(guard, 'status');
    expect(degraded.some(({ code }) => code === 'other_listener')).toBe(isListening);
    const chains = await lab.nft('list', 'chains', 'inet');
    expect(chains.includes('chain mask {')).toBe(!isListening);

    const flood = await lab.actor('tv', 'connection-flood', { host: lab.addresses.closed4, durationS: 10 });
    await expect.poll(() => flood.stats()?.attempts ?? 0, { timeout: 5000 }).toBeGreaterThan(8000);
    const bot = await infect(lab, host, 'both', { durationS: 5 });
    const { state } = await guard.until(
      lab.devices[host].mac,
      (device) => device.state === 'restricted' || device.state === 'blocked',
    );
    const heldAtMs = Date.now();
    const { attempts, startedAtMs } = await bot.done;
    const heldAfterMs = heldAtMs - startedAtMs;
    const { ratePerS } = await flood.done;
    const accepted = await acceptedFrom(lab, host);
    console.log(
      `${Math.round(ratePerS)} connections a second, ${what}: seen ${state} after ${heldAfterMs} ms, ${accepted} messages of ${attempts}`,
    );
    expect(ratePerS).toBeGreaterThan(4500);
    // The full stream may overrun the daemon: then it is the budget that holds until it has caught up.
    expect(accepted).toBeLessThanOrEqual(isListening ? deviceBudgets.default.connections.burst : 2);
    expect(heldAfterMs).toBeLessThan(5000);
    // By its events, and not by what would find it later: each connection that passed was heard of.
    const counted = await ledgerOf(lab, lab.devices[host].mac);
    const heard = heardIn(record);
    console.log(
      `  ${heard.connections} heard of ${counted} that passed${heard.isComplete ? '' : ', events lost'}`,
    );
    expect(counted).toBeGreaterThan(0);
    expect(heard.connections).toBeGreaterThan(0);
    if (heard.isComplete) expect(heard.connections).toBe(counted);
    await guard.stop();
    await listener?.stop();
  });
});
