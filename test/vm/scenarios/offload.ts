import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../guard/ask.ts';
import { acceptedFrom, freshGuard, infect } from '../../guard/bots.ts';
import type { Guard } from '../../guard/guard.ts';
import type { Lab } from '../../lab/lab.ts';
import { labFile } from '../../lab/root.ts';
import { home } from './home.ts';
import { untilHeldS } from './until-held.ts';

/** How firewall4 offloads in software: the flow table of the ports, and its rule before all others. */
const offloading = (ports: readonly string[]) => `
table inet fw4 {
	flowtable ft {
		hook ingress priority 0
		devices = { ${ports.map((port) => `"${port}"`).join(', ')} }
	}
}
insert rule inet fw4 forward meta l4proto { tcp, udp } flow add @ft
`;

/** A live session of the TV on port 25, offloaded; then the TV is blocked and goes on trying, and a bot begins on the phone. */
export async function offload() {
  const lab = await home();
  const { camera, tv } = lab.devices;
  const script = join(lab.dir, 'offload.nft');
  await writeFile(script, offloading(['wan', 'p-tv']));
  await lab.nft('-f', script);
  const guard = await freshGuard(lab);
  const session = await lab.actor('tv', 'live-session', {
    ...{ target: lab.addresses.spread4[0] ?? '', messages: 100_000, paceMs: 100, durationS: 60 },
  });
  // The first action of all reads its programs from the host's disk.
  await ask(guard, 'block', { device: camera.mac });
  await stepsOnceVerified(guard, camera.mac);
  await toldOfOffloading(guard);
  const before = await offloadedRow(lab, tv.ip4);
  // The answer comes once the kernel has the ban.
  await ask(guard, 'block', { device: tv.mac });
  const blockedAtMs = Date.now();
  await session.done;
  const times = (await lab.sink.accepted()).map(({ atMs }) => atMs);
  const lastAtMs = Math.max(...times);
  const after = await rowsTo25(lab, tv.ip4);
  const steps = await stepsOnceVerified(guard, tv.mac);
  const status = await ask(guard, 'status');
  const sinceMs = performance.now();
  const bots = await Promise.all([
    infect(lab, 'tv', '4', { durationS: 90, workers: 2, ratePerS: 4 }),
    infect(lab, 'phone', '4', { durationS: 90 }),
  ]);
  const idleOpenS = await untilHeldS(lab, 'phone', sinceMs);
  for (const bot of bots) await bot.stop();
  const cells = {
    idle: { leaked: await acceptedFrom(lab, 'phone'), openS: idleOpenS },
    attack: {
      leaked: times.filter((atMs) => atMs > blockedAtMs).length,
      openS: (lastAtMs - blockedAtMs) / 1000,
    },
    banned: { leaked: await acceptedFrom(lab, 'tv'), openS: 0 },
  };
  await guard.stop();
  // A flow table would stay in a table that is only flushed.
  await lab.nft('delete table inet fw4');
  await lab.nft('-f', labFile('fw4.nft'));
  return {
    ...{ before, after, steps, cells },
    degraded: status.degraded.map(({ code }) => code),
  };
}

/** The daemon lists the live sessions every 10 s. */
async function toldOfOffloading(guard: Guard): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const { degraded } = await ask(guard, 'status');
    if (degraded.some(({ code }) => code === 'flow_offload')) return;
    await sleep(100);
  }
}

/** The session's row once the kernel carries it past the rules. */
async function offloadedRow(lab: Lab, address: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const rows = await rowsTo25(lab, address);
    if (rows.includes('[OFFLOAD]')) return rows;
    await sleep(100);
  }
  throw new Error(`not offloaded: ${await rowsTo25(lab, address)}`);
}

/** The daemon says that nothing moves any more once it has looked again. */
async function stepsOnceVerified(guard: Guard, device: string) {
  const { incident = '' } = await ask(guard, 'device', { device });
  for (let tries = 0; ; tries++) {
    const { steps } = await ask(guard, 'incident', { incident });
    if (tries === 50 || steps.some(({ type }) => type === 'verified')) return steps;
    await sleep(100);
  }
}

const rowsTo25 = async (lab: Lab, address: string) =>
  (await lab.run('router', ['conntrack', '-L', '-p', 'tcp', '--dport', '25', '-s', address])).trim();
