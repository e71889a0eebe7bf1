import { ask } from '../../guard/ask.ts';
import { acceptedFrom, freshGuard, infect } from '../../guard/bots.ts';
import type { Lab } from '../../lab/lab.ts';
import { home } from './home.ts';

/** What the line does to packets, in each direction: 100 ms there and back, 1 of 50 lost, 1 of 4 out of turn. */
const line = 'delay 50ms 10ms loss 2% reorder 25% 50%';
const mails = 5;
/** So many echoes beside the mail that a line without a loss among them (1 in 10,000,000) is one that loses nothing. */
const echoes = 200;

/** A line that loses, delays and reorders: a bot on the camera, and a laptop that mails through the provider's relay. */
export async function badLine() {
  const lab = await home();
  const guard = await freshGuard(lab);
  await onLine(lab, ['add', ...line.split(' ')]);
  const [laptop, bot] = await Promise.all([
    lab.actor('laptop', 'printer', {
      ...{ relays: lab.addresses.ispRelay4.slice(0, 1), everyMs: 3000, count: mails, durationS: 60 },
      // A lost SYN is sent again after 1 s, and the next one 2 s later.
      ...{ patienceMs: 30_000, from: 'laptop@home.example' },
    }),
    infect(lab, 'camera', '4', { durationS: 15 }),
  ]);
  const pinged = lab.run('router', [
    'busybox',
    'ping',
    '-q',
    '-i',
    '0.05',
    '-c',
    `${echoes}`,
    lab.addresses.web4,
  ]);
  await bot.done;
  const { accepted, errors } = await laptop.done;
  const echoed = Number(/(\d+) packets received/.exec(await pinged)?.[1]);
  const qdisc = await lab.run('router', ['tc', 'qdisc', 'show', 'dev', 'wan']);
  await onLine(lab, ['del']);
  const stateOf = async (name: 'camera' | 'laptop') =>
    (await ask(guard, 'device', { device: lab.devices[name].mac })).state;
  const result = {
    ...{ line: qdisc.trim(), echoes, echoed, laptopMails: accepted, laptopErrors: errors, mails },
    ...{ camera: await stateOf('camera'), laptop: await stateOf('laptop') },
    accepted: await acceptedFrom(lab, 'camera'),
  };
  await guard.stop();
  return result;
}

async function onLine(lab: Lab, [action = '', ...rest]: readonly string[]): Promise<void> {
  const qdisc = (dev: string) => ['tc', 'qdisc', action, 'dev', dev, 'root', 'netem', ...rest];
  await lab.run('router', qdisc('wan'));
  await lab.run('internet', qdisc('eth0'));
}
