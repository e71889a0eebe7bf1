// Runs the real listener in the network namespace it is started in, and prints what it saw as one JSON line.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyFlow, applyListing, emptyFlowTable } from '../../daemon/conntrack/flow-table.ts';
import { listenArgv, startListener } from '../../daemon/conntrack/listener.ts';
import { deleteFlow, listMailFlows } from '../../daemon/conntrack/listing.ts';
import { monotonicMs } from '../../daemon/system/clock.ts';
import { readOtherListeners } from '../../daemon/system/netlink-listeners.ts';
import { run, spawnStream } from '../../daemon/system/process.ts';

// conntrack is idle in a namespace until some rule needs it.
const rules = `add table inet t; add chain inet t in { type filter hook input priority 0; }
add rule inet t in ct state established accept`;
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('nft', [rules]);
writeFileSync('/proc/sys/net/netfilter/nf_conntrack_acct', '1');

const told: string[] = [];
const table = emptyFlowTable();
table.listed = true;
const transitions: string[] = [];
const latenciesMs: number[] = [];
let listening: (() => void) | undefined;
const nextListening = () => new Promise<void>((resolve) => (listening = resolve));

const schedule = (delayMs: number, then: () => void) => {
  const timer = setTimeout(then, delayMs);
  return () => clearTimeout(timer);
};
const begun = nextListening();
const listener = startListener(
  'all',
  { spawnStream, schedule, now: monotonicMs, random: Math.random },
  {
    flows(events) {
      for (const event of events) {
        latenciesMs.push(Date.now() - (event.printedAtS ?? 0) * 1_000);
        for (const { type, flow } of applyFlow(table, event, monotonicMs())) {
          transitions.push(`${type} ${flow.dst} ${flow.dport}`);
        }
      }
    },
    gap: (reason) => told.push(`gap ${reason}`),
    listening() {
      told.push('listening');
      listening?.();
    },
  },
);
await begun;

const accepted: Socket[] = [];
const servers = [25, 587].map((port) =>
  createServer((socket) => accepted.push(socket.resume())).listen(port, '::'),
);
await Promise.all(servers.map((server) => once(server, 'listening')));
const clients = [connect(25, '::1'), connect(587, '127.0.0.1')];
await Promise.all(clients.map((client) => once(client, 'connect')));
await sleep(100);
const listing = await listMailFlows(run, [25, 465, 587, 2525]);
const assured = await listMailFlows(run, [25, 587], { only: 'assured' });
const listed = applyListing(table, listing, monotonicMs()).map(({ type }) => type);
const deleted = await Promise.all(listing.flows.map((flow) => deleteFlow(run, flow)));
const deletedAgain = await Promise.all(listing.flows.map((flow) => deleteFlow(run, flow)));
// The clients first: an answer of a server whose entry is gone would be a connection of its own, to the client.
const ended = accepted.map((socket) => once(socket, 'close'));
for (const socket of clients) socket.destroy();
await Promise.all(ended);
await sleep(100);

const own = () => listener.pid() ?? -1;
const alone = await readOtherListeners([own()]);
const [program, ...args] = listenArgv('ends');
const stranger = spawn(program, args, { stdio: 'ignore' });
await sleep(300);
const others = await readOtherListeners([own()]);
const strangers = others?.map(({ pid, argv, isOrphan }) => ({
  isStranger: pid === stranger.pid,
  argv,
  isOrphan,
}));
stranger.kill();

// Killed, as a user or the kernel's memory killer would.
const again = nextListening();
process.kill(own(), 'SIGKILL');
await again;
const restarted = nextListening();
listener.restart('ends');
await restarted;
// A gap is told a second after the last one at the earliest.
await sleep(1_100);
listener.stop();
for (const server of servers) server.close();
latenciesMs.sort((a, b) => a - b);
const medianMs = latenciesMs[Math.floor(latenciesMs.length / 2)];
const rows = listing.flows.map(({ dst, dport, assured: isAssured }) => `${dst} ${dport} ${isAssured}`).sort();
const counts = { assured: assured.flows.length, complete: listing.complete, deleted, deletedAgain };
console.log(
  JSON.stringify({
    told,
    transitions,
    rows,
    listed,
    ...counts,
    alone,
    strangers,
    counts: listener.counts,
    medianMs,
  }),
);
