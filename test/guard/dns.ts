import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostName } from '../lab/home.ts';
import type { Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/lab-process.ts';

/** A second DNS on the router that asks one on the internet, as a router does; the lab's own only knows its home. */
export interface Dns {
  /** Asks from a host, for addresses of both families; as many questions as names, one after the other. */
  ask(host: HostName, ...names: string[]): Promise<string[]>;
  /** Starts (again) the router's part, with its log there. */
  start(log: string, queries?: 'plain' | 'extra'): Promise<LabProcess>;
  /** Whether it answers, after at most two seconds. */
  answers(): Promise<boolean>;
}

const port = 5302;
/** Answers are not kept, so that each question shows in the log. */
const common = ['user=root', 'no-resolv', 'no-hosts', 'bind-interfaces', 'cache-size=0', `port=${port}`];

/** Serves the names (to addresses) on the lab's internet. */
export async function startDns(lab: Lab, zone: Readonly<Record<string, readonly string[]>>): Promise<Dns> {
  const dir = join(lab.dir, 'dns');
  mkdirSync(dir, { recursive: true });
  const conf = (name: string, lines: readonly string[]) => {
    const path = join(dir, `${name}.conf`);
    writeFileSync(path, `${[...common, `pid-file=${join(dir, `${name}.pid`)}`, ...lines].join('\n')}\n`);
    return ['dnsmasq', '--keep-in-foreground', `--conf-file=${path}`];
  };
  const records = Object.entries(zone).flatMap(([name, addresses]) =>
    addresses.map((address) => `host-record=${name},${address}`),
  );
  lab.spawn('internet', conf('internet', ['listen-address=203.0.113.1', 'local=/example/', ...records]));
  let router: LabProcess | undefined;

  async function ask(host: HostName, ...names: string[]): Promise<string[]> {
    const script = `
      const { Resolver } = require('node:dns/promises');
      const resolver = new Resolver({ timeout: 1000, tries: 1 });
      resolver.setServers(['${lab.networks[0]?.ip4.split('/')[0]}:${port}']);
      (async () => {
        const found = [];
        for (const name of ${JSON.stringify(names)}) {
          const both = [resolver.resolve4(name), resolver.resolve6(name)];
          for (const answer of await Promise.allSettled(both)) found.push(...(answer.value ?? []));
        }
        console.log(JSON.stringify(found));
      })();`;
    return JSON.parse(await lab.run(host, ['node', '-e', script])) as string[];
  }

  return {
    ask,
    async start(log, queries = 'plain') {
      await router?.stop();
      const lines = [
        `listen-address=${lab.networks[0]?.ip4.split('/')[0]}`,
        `server=203.0.113.1#${port}`,
        queries === 'extra' ? 'log-queries=extra' : 'log-queries',
        `log-facility=${log}`,
      ];
      router = lab.spawn('router', conf('router', lines));
      return router;
    },
    async answers() {
      return (await ask('laptop', 'ready.example')).length > 0;
    },
  };
}
