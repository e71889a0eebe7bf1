import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { end } from '../system/mosquitto.ts';
import type { Bench } from './bench-types.ts';
import { costAt } from './fleet-cost.ts';
import { follow, retainedAt } from './fleet-follower.ts';
import { makeHome } from './fleet-home.ts';
import { weekOfHome } from './fleet-week.ts';
import { type FromNodes, nodeName, type ToNodes } from './fleet-words.ts';
import { requireNats, startCluster } from './nats-cluster.ts';
import { rounded } from './numbers.ts';

const nodes = 1000;
/** Each process has its share of them. */
const processes = 2;
/** Between two steps of a node's incident. */
const everyMs = 3000;
const awayMs = 10_000;
const patienceMs = 90_000;

/**
 * A thousand nodes, which are the daemon's own sessions and outboxes, at a cluster of three brokers. All connect at once;
 * each tells an incident of ten events, meanwhile one broker dies and comes back, the one to which the follower is
 * connected. Lost is what the follower never saw, duplicated what it saw more than once by its id. Then one node says
 * what a home has it say in a week (fleet-week.ts), which is counted.
 */
export const fleet: Bench = {
  name: 'fleet',
  about:
    'a thousand nodes at a cluster of three MQTT brokers, one of which dies: what is lost, and what a node costs',
  withoutLab: true,
  async run(say) {
    requireNats();
    const cluster = await startCluster();
    const children: ChildProcess[] = [];
    try {
      const follower = await follow(cluster.ports);
      const each = nodes / processes;
      for (let first = 0; first < nodes; first += each)
        children.push(
          fork('test/ts.mjs', [
            ...['test/bench/fleet-nodes-process.ts', cluster.ports.join(','), String(first), String(each)],
          ]),
        );
      await answers(children, 'made');
      say(`${nodes} nodes in ${processes} processes, three brokers`);

      const beganMs = performance.now();
      const tried = await told(children, { do: 'start' }, 'start');
      const connectS = (performance.now() - beganMs) / 1000;
      say(`all connected, with what is retained, after ${connectS.toFixed(1)} s and ${tried} connections`);

      const ended = told(children, { do: 'events', everyMs }, 'events');
      await sleep(2 * everyMs);
      await cluster.kill(0);
      say(`a broker is killed; ${follower.seen.size} events were seen by then`);
      await sleep(awayMs);
      await cluster.restart(0);
      say(`it is back; ${follower.seen.size} events were seen by then`);
      const retried = (await ended) - tried;
      const { events } = makeHome();
      const all = nodes * events.length;
      for (const endMs = performance.now() + 20_000; follower.seen.size < all && performance.now() < endMs; )
        await sleep(100);
      const lost = all - follower.seen.size;
      const duplicated = [...follower.seen.values()].filter((times) => times > 1).length;
      say(
        `of ${all} events ${lost} were lost, ${duplicated} came more than once; ${retried} connections more`,
      );
      const retained = await retainedAt(cluster.ports[0] ?? 0);
      const online = Array.from({ length: nodes }, (_, number) =>
        retained.get(`postern/${nodeName(number)}/availability`),
      ).filter((word) => word === 'online').length;
      say(`the broker that came back has ${retained.size} retained messages, and ${online} nodes online`);
      await follower.stop();
      for (const child of children) child.send({ do: 'stop' } satisfies ToNodes);
      const { said, flows } = weekOfHome();
      const { connect, day } = await costAt(cluster.ports[1] ?? 0, said);
      say(`a home with ${flows} mails in a week, both ways, without what TCP adds:`);
      say(`  a start costs ${connect.packets} packets, ${connect.bytes} bytes`);
      say(`  a day costs ${day.packets.toFixed(0)} packets, ${day.bytes.toFixed(0)} bytes`);
      return {
        ...{ nodes, connect_s: rounded(connectS, 1), lost, duplicated },
        bytes_per_node_day: Math.round(day.bytes),
        messages_per_node_day: Math.round(day.packets),
      };
    } finally {
      for (const child of children) await end(child, 'SIGKILL');
      await cluster.stop();
    }
  },
};

function told(children: readonly ChildProcess[], word: ToNodes, done: FromNodes['done']): Promise<number> {
  const all = answers(children, done);
  for (const child of children) child.send(word);
  return all;
}

/** Waits until each of them has done it; returns the connections they tried so far. */
async function answers(children: readonly ChildProcess[], done: FromNodes['done']): Promise<number> {
  const each = children.map(
    (child) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the nodes did not get to "${done}"`)), patienceMs);
        child.on('message', (word: FromNodes) => {
          if (word.done !== done) return;
          clearTimeout(timer);
          resolve(word.connections);
        });
        child.once('exit', () => reject(new Error('a process of nodes ended')));
      }),
  );
  return (await Promise.all(each)).reduce((sum, tried) => sum + tried, 0);
}
