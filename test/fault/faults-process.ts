import { truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../guard/ask.ts';
import { breakNft, failingNft, mendNft } from '../guard/failing-nft.ts';
import { bundle } from '../guard/guard.ts';
import type { Lab } from '../lab/lab.ts';
import { repositoryRoot } from '../lab/root.ts';
import { alone, type Fault, held, type Place, whole } from './fault.ts';

const shim = (name: string) => `--require ${join(repositoryRoot, 'test/fault', name)}`;

/** A device that no cell is about. */
const bystander = (lab: Lab) => lab.devices.mailserver.mac;

/** procd starts what ended anew. Its usual patience is 5 s; ours has one. */
const respawnMs = 1000;

async function respawn({ guard }: Place): Promise<void> {
  await guard.process.exited;
  await sleep(respawnMs);
  await guard.restart();
}

const killed: Fault = {
  name: 'daemon killed',
  what: 'SIGKILL; started again a second later',
  async inject(place) {
    await place.guard.process.kill('SIGKILL');
    await respawn(place);
  },
  bounds: { idle: whole, attack: alone, banned: held },
  gentle: true,
};

const reader: Fault = {
  name: 'conntrack killed',
  what: 'SIGKILL to the process that reads the kernel’s events',
  async inject({ lab }) {
    await lab.exec('router', ['pkill', '-KILL', '-x', 'conntrack']);
    await sleep(500);
  },
  bounds: { idle: alone, attack: alone, banned: held },
  tells: 'the log',
  told: /conntrack: exit/,
  gentle: true,
};

const failing: Fault = {
  name: 'nft failing',
  what: 'every run of nft fails for 2 s',
  prepare: failingNft,
  async inject({ lab, guard }) {
    breakNft(lab);
    // Two transactions: for the first an nft waits that was started before.
    for (const hold of ['slow', 'restrict'] as const)
      await ask(guard, hold, { device: bystander(lab), for: '1h' });
    await sleep(2000);
    mendNft(lab);
  },
  bounds: { idle: alone, attack: alone, banned: held },
  tells: '`ruleset_failed`',
  told: /could not be applied|ruleset_failed/,
  gentle: false,
};

const twice: Fault = {
  name: 'two daemons',
  what: 'a second one is started beside it, and refuses',
  async inject({ lab, guard }) {
    const second = await lab.exec('router', ['node', bundle, 'run', '--config', guard.configPath]);
    if (second.code !== 69) throw new Error(`the second daemon ended with ${second.code}: ${second.stderr}`);
  },
  bounds: { idle: whole, attack: whole, banned: held },
  gentle: true,
};

const storm: Fault = {
  name: 'SIGHUP storm',
  what: '100 reloads within a second',
  async inject({ guard }) {
    for (let count = 0; count < 100; count += 1) {
      await guard.process.kill('SIGHUP');
      await sleep(10);
    }
  },
  bounds: { idle: whole, attack: alone, banned: held },
  gentle: true,
};

const hungry: Fault = {
  name: 'out of memory',
  what: 'its heap of 24 MB is filled until V8 ends it; started again a second later',
  prepare: (lab) => ({
    env: { NODE_OPTIONS: shim('eat-memory.cjs'), EAT_MEMORY_FILE: join(lab.dir, 'eat') },
  }),
  async inject(place) {
    const flag = join(place.lab.dir, 'eat');
    writeFileSync(flag, '');
    await place.guard.process.exited;
    unlinkSync(flag);
    await respawn(place);
  },
  bounds: { idle: whole, attack: alone, banned: held },
  gentle: false,
};

const damaged: Fault = {
  name: 'state file cut off',
  what: 'killed, and half of its state file is gone when it starts again (cut off at every byte: [test/engine/truncated.test.ts](../test/engine/truncated.test.ts))',
  async inject(place) {
    await place.guard.process.kill('SIGKILL');
    const state = join(place.guard.dir, 'data', 'state.json');
    const size = await stat(state).then(
      (found) => found.size,
      () => 0,
    );
    if (size > 0) truncateSync(state, Math.floor(size / 2));
    await respawn(place);
  },
  bounds: { idle: whole, attack: alone, banned: held },
  tells: '`state_damaged`',
  told: /state_damaged/,
  gentle: false,
};

const full: Fault = {
  name: 'disk full',
  what: 'not a byte is left where it keeps its state',
  async prepare(lab) {
    const folder = join(lab.dir, 'small');
    await lab.run('router', ['mkdir', '-p', folder]);
    await lab.run('router', [
      'sh',
      '-c',
      `mountpoint -q ${folder} || mount -t tmpfs -o size=256k none ${folder}`,
    ]);
    return { main: { data_dir: folder } };
  },
  async inject({ lab, guard }) {
    const file = join(lab.dir, 'small', 'fill');
    await lab.exec('router', ['sh', '-c', `cat /dev/zero >${file} 2>/dev/null`]);
    // Asks for a write, which rests up to 5 s after the one before.
    await ask(guard, 'slow', { device: bystander(lab), for: '1h' });
    await sleep(6500);
    await lab.exec('router', ['rm', file]);
  },
  bounds: { idle: whole, attack: whole, banned: held },
  tells: '`state_not_saved`',
  told: /state_not_saved|state cannot be saved/,
  gentle: false,
};

/** Sets the daemon's wall clock, as NTP or a flat battery would, and back after 2 s. */
const clockTo = (name: string, wallMs: number): Fault => ({
  name,
  what: `the wall clock jumps to ${new Date(wallMs).getUTCFullYear()}, and back after 2 s`,
  prepare: (lab) => ({
    env: { NODE_OPTIONS: shim('wall-clock.cjs'), WALL_CLOCK_FILE: join(lab.dir, 'wall-clock') },
  }),
  async inject({ lab }) {
    const file = join(lab.dir, 'wall-clock');
    writeFileSync(file, String(wallMs - Date.now()));
    await sleep(2000);
    writeFileSync(file, '0');
    await sleep(200);
  },
  bounds: { idle: whole, attack: whole, banned: held },
  gentle: false,
});

/** Faults of the daemon, of the programs that it runs, and of what it stands on. */
export const processFaults: readonly Fault[] = [
  ...[killed, reader, failing, twice, storm, hungry, damaged, full],
  clockTo('clock to 1970', 60_000),
  clockTo('clock to 2040', Date.UTC(2040, 0, 1)),
];
