import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { systemNft } from '../../daemon/system/nft.ts';
import { labEnvironment } from '../lab/holder.ts';
import { labFile } from '../lab/root.ts';

/** A router with two Ethernet networks, one without Ethernet, and a server outside. */
export const hosts = ['router', 'client', 'guest', 'tunnel', 'server'] as const;
export type Host = (typeof hosts)[number];

export const client = {
  mac: '02:00:00:00:01:02',
  ip4: '10.77.1.2',
  ip6: 'fd77:1::2',
  net6: 'fd77:1::',
} as const;
export const guest = { mac: '02:00:00:00:02:02', ip4: '10.77.2.2', ip6: 'fd77:2::2' } as const;
export const tunnel = { ip4: '10.77.3.2', ip6: 'fd77:3::2', net6: 'fd77:3::' } as const;
/** The server answers on every address of these. */
export const server4 = '203.0.113.7';
export const server6 = '2001:db8:f::7';
const mailAndWeb = [25, 465, 587, 2525, 80];

export interface Outcome {
  readonly outcome: string;
  readonly socket: number;
}

/** One network of namespaces; everything in it ends with this process, however it ends. */
export class SmallNet {
  readonly dir = mkdtempSync(join(tmpdir(), 'postern-small-'));
  readonly nft: ReturnType<typeof systemNft>;
  readonly #holders = new Map<Host, ChildProcessWithoutNullStreams>();
  readonly #agents = new Map<Host, Agent>();
  #pump: ChildProcessWithoutNullStreams | undefined;

  constructor() {
    // `cat` ends with our end of its pipe, and the namespace with it.
    for (const host of hosts)
      this.#holders.set(host, spawn('unshare', ['-n', 'cat'], { env: labEnvironment }));
    const wrapper = join(this.dir, 'nft');
    writeFileSync(wrapper, `#!/bin/sh\nexec nsenter --net=${this.netOf('router')} nft "$@"\n`);
    chmodSync(wrapper, 0o755);
    this.nft = systemNft(wrapper);
  }

  netOf(host: Host): string {
    return `/proc/${this.#holders.get(host)?.pid ?? 0}/ns/net`;
  }

  /** Runs a program in a host's network to its end; throws with its words where it fails. */
  run(host: Host, argv: readonly string[]): string {
    const { status, stdout, stderr } = this.try(host, argv);
    if (status !== 0) throw new Error(`${host}: ${argv.join(' ')}: ${stderr}`);
    return stdout;
  }

  try(host: Host, argv: readonly string[]) {
    return spawnSync('nsenter', [`--net=${this.netOf(host)}`, ...argv], {
      encoding: 'utf8',
      env: labEnvironment,
      maxBuffer: 2 ** 26,
    });
  }

  spawn(host: Host, argv: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn('nsenter', [`--net=${this.netOf(host)}`, ...argv], { env: labEnvironment });
  }

  /** Wires the hosts and starts what runs on them. */
  async start(): Promise<void> {
    await this.#unshared();
    const pid = (host: Host) => String(this.#holders.get(host)?.pid ?? 0);
    const ip = (host: Host, ...lines: string[]) => {
      for (const line of lines) this.run(host, ['ip', ...line.split(' ')]);
    };
    const sysctl = (host: Host, ...settings: string[]) => this.run(host, ['sysctl', '-qw', ...settings]);
    for (const host of hosts)
      sysctl(host, 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0');
    sysctl(
      'router',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.netfilter.nf_conntrack_acct=1',
    );
    for (const [name, host, mac, net] of [
      ['lan0', 'client', client.mac, 1],
      ['guest0', 'guest', guest.mac, 2],
      ['wan0', 'server', '02:00:00:00:09:02', 9],
    ] as const) {
      ip(
        'router',
        `link add ${name} address 02:00:00:00:0${net}:01 type veth peer name eth0 netns ${pid(host)} address ${mac}`,
      );
    }
    this.#pump = this.spawn('router', ['perl', labFile('tun-pair.pl'), 'tun0', 'tun-peer']);
    await once(this.#pump.stdout, 'data');
    ip('router', `link set tun-peer netns ${pid('tunnel')} name eth0`);
    for (const [name, host, net] of [
      ['lan0', 'client', 1],
      ['guest0', 'guest', 2],
      ['tun0', 'tunnel', 3],
      ['wan0', 'server', 9],
    ] as const) {
      ip(
        'router',
        `addr add 10.77.${net}.1/24 dev ${name}`,
        `addr add fd77:${net}::1/64 dev ${name}`,
        `link set ${name} up`,
      );
      ip(
        host,
        `addr add 10.77.${net}.2/24 dev eth0`,
        `addr add fd77:${net}::2/64 dev eth0`,
        'link set lo up',
        'link set eth0 up',
      );
      ip(host, `route add default via 10.77.${net}.1`, `route add default via fd77:${net}::1`);
    }
    ip(
      'router',
      'link set lo up',
      'route add 203.0.113.0/24 via 10.77.9.2',
      'route add 2001:db8:f::/64 via fd77:9::2',
    );
    ip('server', 'route add local 203.0.113.0/24 dev lo', 'route add local 2001:db8:f::/64 dev lo');
    const agentModule = join(this.dir, 'agent.mjs');
    buildSync({
      entryPoints: [agentFile],
      outfile: agentModule,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    for (const host of hosts)
      this.#agents.set(host, new Agent(this.spawn(host, [process.execPath, agentModule])));
    await Promise.all([...this.#agents.values()].map((agent) => agent.ready));
    await Promise.all(
      ['server', 'guest', 'router'].map((host) =>
        this.ask(host as Host, { do: 'listen', ports: mailAndWeb }),
      ),
    );
  }

  ask(host: Host, request: object): Promise<unknown> {
    const agent = this.#agents.get(host);
    if (!agent) throw new Error(`no agent on ${host}`);
    return agent.ask(request).value;
  }

  /** Opens a TCP connection: `open`, `ECONNREFUSED`, `timeout`, … */
  async connect(
    host: Host,
    to: string,
    port: number,
    more: { from?: string; fromPort?: number; keep?: boolean } = {},
  ): Promise<Outcome> {
    const agent = this.#agents.get(host);
    if (!agent) throw new Error(`no agent on ${host}`);
    const { id, value } = agent.ask({ do: 'connect', host: to, port, timeoutMs: 1500, ...more });
    return { outcome: String(await value), socket: id };
  }

  /** The outcome alone. */
  async dial(host: Host, to: string, port: number, from?: string): Promise<string> {
    return (await this.connect(host, to, port, from === undefined ? {} : { from })).outcome;
  }

  async send(host: Host, socket: number, bytes: number, more: { timeoutMs?: number } = {}): Promise<string> {
    return String(await this.ask(host, { do: 'send', socket, bytes, timeoutMs: 1500, ...more }));
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) agent.stop();
    this.#pump?.kill();
    for (const holder of this.#holders.values()) {
      holder.stdin.end();
      if (holder.exitCode === null) await once(holder, 'exit');
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The holders' namespaces exist only once `unshare` has become `cat`. */
  async #unshared(): Promise<void> {
    const own = spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout;
    for (const host of hosts) {
      for (
        let tries = 0;
        spawnSync('readlink', [this.netOf(host)], { encoding: 'utf8' }).stdout === own;
        tries++
      ) {
        if (tries > 200) throw new Error(`no namespace for ${host}`);
        await sleep(10);
      }
    }
  }
}

const agentFile = fileURLToPath(new URL('agent.ts', import.meta.url));

class Agent {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #next = 1;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.ready = new Promise((resolve) => this.#waiting.set(0, resolve));
    child.stderr.on('data', (text: Buffer) => console.error(String(text)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, value } = JSON.parse(line) as { id: number; value: unknown };
      this.#waiting.get(id)?.(value);
      this.#waiting.delete(id);
    });
  }

  ask(request: object): { id: number; value: Promise<unknown> } {
    const id = this.#next++;
    const value = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin.write(`${JSON.stringify({ ...request, id })}\n`);
    return { id, value };
  }

  stop(): void {
    this.#child.stdin.end();
  }
}
