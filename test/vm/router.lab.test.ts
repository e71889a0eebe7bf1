import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Bound, Moment } from '../fault/fault.ts';
import { emulated, type MachineFault, machineFaults, powerCutsMs } from '../fault/faults-machine.ts';
import { describeUnless } from '../lab/describe-lab.ts';
import { devices } from '../lab/home.ts';
import { type Disk, makeDisk } from './disk.ts';
import { bootMachine, type Machine } from './machine.ts';
import { machineObstacle } from './obstacle.ts';

/** Whom each boot blocks when the power fails. */
const victims = ['tv', 'phone', 'printer'] as const;
const banS = 6 * 3600;

// Twice of what they take where the host is busy.
vi.setConfig({ testTimeout: 300_000 });

/** What happened in each moment, against the row's bounds, which docs/faults.md shows. */
function expectWithin({ name, bounds }: MachineFault, cells: Readonly<Partial<Record<Moment, Bound>>>): void {
  for (const [moment, { leaked, openS }] of Object.entries(cells)) {
    const bound = bounds[moment as Moment];
    console.log(`${name}: ${moment} ${leaked} after ${openS.toFixed(1)} s`);
    expect(leaked, `${moment}: messages`).toBeLessThanOrEqual(bound?.leaked ?? -1);
    expect(openS, `${moment}: seconds`).toBeLessThanOrEqual(bound?.openS ?? -1);
  }
  expect(Object.keys(cells).toSorted()).toEqual(Object.keys(bounds).toSorted());
}

let disk: Disk;
let machine: Machine;

/** The machine, or another one where a test before lost it: what failed there is said there. */
async function running(): Promise<Machine> {
  if (!machine.isRunning) machine = await bootMachine();
  return machine;
}

// One after the other, on one disk and for the most part in one machine: booting it is what takes the time.
describeUnless(machineObstacle(), 'a router in a virtual machine', () => {
  beforeAll(() => {
    disk = makeDisk();
  });

  afterAll(async () => {
    await machine.cutPower();
    disk.remove();
  });

  test('whose power fails while the state is written holds whom it held, before Node has started and after', async () => {
    machine = await bootMachine({ disk });
    expect(machine.bootMs).toBeLessThanOrEqual(15_000);
    expect(await machine.play('firstMinute')).toMatchObject({ heldBefore: [], held: [] });
    await machine.play('block', 'camera', true);
    let held: readonly string[] = [devices.camera.mac];
    for (const [index, name] of victims.entries()) {
      const delayMs = powerCutsMs[index] ?? 0;
      // The next one boots meanwhile, and mounts the disk when this one is dead.
      const next = bootMachine({ disk });
      void machine.play('block', name, false).catch(() => {});
      await machine.reported('writing');
      await sleep(delayMs);
      await machine.cutPower();
      machine = await next;
      const boot = await machine.play('firstMinute');
      console.log(
        `cut ${delayMs} ms into the write for ${name}: ${boot.files.join(' ')}; held ${boot.held.length}`,
      );
      // Either the new one or the old one, and both files whole.
      for (const list of [boot.heldBefore, boot.held]) {
        const isHeld = held.every((mac) => list.includes(mac));
        expectWithin(machineFaults.powerCut, {
          banned: { leaked: 0, openS: isHeld ? 0 : Number.POSITIVE_INFINITY },
        });
        expect([...held, devices[name].mac]).toEqual(expect.arrayContaining([...list]));
      }
      expect(boot.files).not.toContain('state.json.damaged');
      expect(boot.log.join('\n')).not.toMatch(/damaged|refuses/);
      held = boot.held;
    }
    const next = bootMachine({ disk, clock: '1970-01-01T00:00:10' });
    await machine.play('block', 'mailserver', true);
    await machine.play('shutDown');
    await machine.cutPower();
    machine = await next;
  });

  test('that boots in 1970 holds the bot before Node has started, and lets no ban end early or late', async () => {
    const boot = await machine.play('bootIn1970', Date.now());
    console.log(JSON.stringify(boot));
    expect(boot).toMatchObject({ year: 1970, accepted: 0, connected: 0, mailed: 3, state: 'blocked' });
    expect(boot.refused).toBeGreaterThan(0);
    const banned = { leaked: boot.accepted, openS: boot.connected === 0 ? 0 : Number.POSITIVE_INFINITY };
    expectWithin(machineFaults.reboot, { ...boot.cells, banned });
    // Who was blocked last is there too.
    expect(boot.held).toContain(devices.mailserver.mac);
    // It was saved within these minutes, and a boot in 1970 does not know how long the power was off.
    for (const left of [boot.remainingS.loaded, boot.remainingS.adopted, boot.remainingS.set, boot.untilS]) {
      expect(left).toBeGreaterThan(banS - 600);
      expect(left).toBeLessThanOrEqual(banS);
    }
    expect(boot.degraded).toContain('clock_not_set');
    expect(boot.isTold).toBe(false);
    expect(boot.clearedAfterMs).toBeLessThanOrEqual(65_000);
  });

  test('with flow offloading lets no message of a live session out 1 s after its device is blocked, and none later', async () => {
    const { before, after, cells, steps, degraded } = await (await running()).play('offload');
    expect(before).toContain('[OFFLOAD]');
    expectWithin(machineFaults.offloading, cells);
    // The row is gone, and with it what carried the session past the rules.
    expect(after).toBe('');
    expect(steps.map(({ type }) => type)).toEqual(['opened', 'blocked', 'verified']);
    expect(steps.at(-1)?.text).toContain('1 connections that went on were ended one by one');
    expect(degraded).toContain('flow_offload');
  });

  test('with 256 MB of memory, of which 24 are left for 5 s, keeps its daemon and catches the bot afterwards', async () => {
    const memory = await (await running()).play('memory');
    console.log(JSON.stringify(memory));
    expect(memory.totalKb).toBeLessThanOrEqual(256 * 1024);
    // The last piece is of 1 MB, and the kernel may end the taker at it.
    expect(memory.leftKb).toBeLessThanOrEqual(25 * 1024);
    expect(memory.rssKb).toBeLessThanOrEqual(80 * 1024);
    expect(memory.rssAfterKb).toBeLessThanOrEqual(80 * 1024);
    expect(memory).toMatchObject({ isSameProcess: true, camera: 'blocked' });
    expect(memory.accepted).toBeLessThanOrEqual(emulated.leaked);
  });

  test('on a line that loses, delays and reorders packets decides as on a good one, and lets the laptop’s mail pass', async () => {
    const { line, echoes, echoed, laptopMails, laptopErrors, mails, camera, laptop, accepted } = await (
      await running()
    ).play('badLine');
    console.log(`${line}: ${echoed} of ${echoes} echoes`);
    console.log(`${accepted} of the bot’s messages, ${laptopMails} of the laptop’s`);
    expect(line).toMatch(/netem .*loss 2%/);
    expect(echoed).toBeGreaterThan(echoes / 2);
    expect(echoed).toBeLessThan(echoes);
    expect(camera).toBe('blocked');
    expect(accepted).toBeLessThanOrEqual(emulated.leaked);
    expect({ laptopMails, laptopErrors }).toEqual({ laptopMails: mails, laptopErrors: {} });
    expect(['normal', 'watched']).toContain(laptop);
  });

  test('with two VLANs on one bridge knows the network of each bot, and holds both', async () => {
    const { isFiltering, found } = await (await running()).play('bridgeOfVlans');
    console.log(JSON.stringify(found));
    expect(isFiltering).toBe(true);
    const held = { state: 'blocked', set: 'blocked_mac' };
    expect(found).toMatchObject([
      { name: 'camera', network: 'lan', ...held },
      { name: 'doorbell', network: 'guest', ...held },
    ]);
    for (const { accepted } of found) expect(accepted).toBeLessThanOrEqual(emulated.leaked);
  });
});
