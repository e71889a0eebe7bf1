import { readFile } from 'node:fs/promises';
import { ask } from '../../guard/ask.ts';
import { acceptedFrom, freshGuard, infect } from '../../guard/bots.ts';
import { home } from './home.ts';

/** Takes memory until less than 24 MB are left, and keeps it for 5 s, or until the kernel kills it for that. */
const hog = `
sub left { open my $f, '<', '/proc/meminfo'; local $/; <$f> =~ /MemAvailable: *(\\d+)/; $1 }
$| = 1;
while (($left = left()) > 24576) { push @taken, scalar(@taken) . 'x' x 2**20; print "$left\\n" }
print "$left\\n";
sleep 5;
`;

/** The daemon in 256 MB, of which another program takes what is left; afterwards a bot. */
export async function memory() {
  const lab = await home();
  const guard = await freshGuard(lab);
  const pid = await guard.process.hostPid();
  const rssKb = await kbOf(`/proc/${pid}/status`, 'VmRSS');
  const totalKb = await kbOf('/proc/meminfo', 'MemTotal');
  // Should the kernel have to choose, it is the one to go, as OpenWrt's own services are not.
  const taker = lab.spawn('router', ['choom', '-n', '1000', '--', 'perl', '-e', hog]);
  await taker.exited;
  const bot = await infect(lab, 'camera', '4', { durationS: 8 });
  await bot.done;
  // What was thrown out of memory is read anew, from the host's disk, by an emulated processor.
  const { state } = await ask(guard, 'device', { device: lab.devices.camera.mac }, 30_000);
  const result = {
    ...{ totalKb, rssKb, leftKb: Math.min(...taker.lines.map(Number)), camera: state },
    accepted: await acceptedFrom(lab, 'camera'),
    rssAfterKb: await kbOf(`/proc/${pid}/status`, 'VmRSS'),
    isSameProcess: guard.process.running,
  };
  await guard.stop();
  return result;
}

async function kbOf(file: string, field: string): Promise<number> {
  const text = await readFile(file, 'latin1');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(text)?.[1]);
}
