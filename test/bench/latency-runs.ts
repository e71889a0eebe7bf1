import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { repositoryRoot } from '../lab/root.ts';

/** A device that exists as frames and as a neighbour of the router. */
export interface Knocker {
  readonly mac: string;
  readonly ip4: string;
}

/** The wall clock in seconds at which an element of a set came into force. */
export interface Entry {
  readonly atS: number;
  readonly set: string;
}

/** What both runs share: devices that knock, and an eye on the router's sets. */
export interface Stage {
  readonly knockers: readonly Knocker[];
  /** Lets one device after the other open a connection to port 25; returns when each one's element came into force. */
  knockAll(
    isWanted: (set: string) => boolean,
    keyOf: (knocker: Knocker) => string,
  ): Promise<Map<string, Entry>>;
  stop(): Promise<void>;
}

/**
 * Between two samples. Each is a decision for itself: nothing of the one before is on its way, but the look at what
 * still moves that follows a ban after 0.3 s. Chance keeps them out of step with the daemon's ticks.
 */
const pauseMs = () => 230 + Math.random() * 50;
const patienceMs = 5000;

/** Prepares `count` devices (at most 220) on the lab's LAN. */
export async function setStage(lab: Lab, count: number): Promise<Stage> {
  const knockers = Array.from({ length: count }, (_, i): Knocker => {
    const last = (i + 1).toString(16).padStart(2, '0');
    // A maker's prefix: a device like any other.
    return { mac: `ec:71:db:be:00:${last}`, ip4: `192.168.1.${30 + i}` };
  });
  const neighbours = join(lab.dir, 'neighbours');
  const lines = knockers.map(({ mac, ip4 }) => `neigh replace ${ip4} lladdr ${mac} dev br-lan nud permanent`);
  await writeFile(neighbours, `${lines.join('\n')}\n`);
  await lab.run('router', ['ip', '-batch', neighbours]);
  const script = (name: string) => join(repositoryRoot, 'test', 'bench', name);
  const gatewayMac = lab.networks.find(({ name }) => name === 'lan')?.mac ?? '';
  const hand = lab.spawn('camera', ['perl', script('knock.pl'), 'iface=eth0', `gatewayMac=${gatewayMac}`]);
  return {
    knockers,
    async knockAll(isWanted, keyOf) {
      const eye = lab.spawn('router', ['perl', script('element-watch.pl')]);
      await eye.waitForLine(/^ready$/);
      const entries = new Map<string, Entry>();
      for (const knocker of knockers) {
        const seen = nextEntry(eye, isWanted, keyOf(knocker));
        hand.write(`${knocker.mac} ${knocker.ip4} ${lab.addresses.closed4} 25`);
        const entry = await seen;
        if (entry) entries.set(knocker.ip4, entry);
        await sleep(pauseMs());
      }
      await eye.stop();
      return entries;
    },
    stop: async () => void (await hand.stop()),
  };
}

/** The element's coming into force, if it does within some seconds. */
function nextEntry(
  eye: LabProcess,
  isWanted: (set: string) => boolean,
  key: string,
): Promise<Entry | undefined> {
  return new Promise((resolve) => {
    const end = (entry: Entry | undefined) => {
      clearTimeout(timer);
      unwatch();
      resolve(entry);
    };
    const timer = setTimeout(() => end(undefined), patienceMs);
    const unwatch = eye.watch((line) => {
      const [at, set = '', element = ''] = line.split(' ');
      if (isWanted(set) && element.includes(key)) end({ atS: Number(at), set });
    });
  });
}
