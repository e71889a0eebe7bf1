import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { labFile } from '../lab/root.ts';
import { alone, type Fault, held, type Place, whole } from './fault.ts';

const firewall = labFile('fw4.nft');
const restored = /changed by somebody and restored|table_restored/;
/** A table that is gone is found with the next connection of a device that it held, or by the next look. */
const rebuilt = { leaked: 20, openS: 6 } as const;

const deleted: Fault = {
  name: 'table deleted',
  what: '`nft delete table inet postern`',
  inject: async ({ lab }) => void (await lab.nft('delete', 'table', 'inet', 'postern')),
  bounds: { idle: rebuilt, attack: rebuilt, banned: { leaked: 16, openS: 6 } },
  tells: '`table_restored`',
  told: restored,
  gentle: true,
};

const flushed: Fault = {
  name: 'ruleset flushed',
  what: '`flush ruleset` and fw4’s table anew, in one transaction',
  async inject({ lab }) {
    await lab.run('router', ['nft', '-f', '-'], { input: `flush ruleset\ninclude "${firewall}"\n` });
  },
  bounds: { idle: rebuilt, attack: rebuilt, banned: { leaked: 16, openS: 6 } },
  tells: '`table_restored`',
  told: restored,
  gentle: true,
};

const reloaded: Fault = {
  name: 'fw4 reload',
  what: 'fw4’s rendered table is loaded again',
  inject: async ({ lab }) => void (await lab.nft('-f', firewall)),
  bounds: { idle: whole, attack: whole, banned: held },
  gentle: true,
};

const restarted: Fault = {
  name: 'fw4 restart',
  what: '`nft delete table inet fw4`, and its rendered table is loaded',
  async inject({ lab }) {
    await lab.nft('delete', 'table', 'inet', 'fw4');
    await lab.nft('-f', firewall);
  },
  bounds: { idle: whole, attack: whole, banned: held },
  gentle: false,
};

const everyTable: Fault = {
  name: 'fw4 flush, fw4 start',
  what: 'every table that `nft list tables` names is deleted, ours too; then fw4’s is loaded',
  async inject({ lab }) {
    const script =
      'nft list tables | while read dummy family table; do nft delete table "$family" "$table"; done';
    await lab.run('router', ['sh', '-c', `${script}; nft -f ${firewall}`]);
  },
  bounds: { idle: rebuilt, attack: rebuilt, banned: { leaked: 16, openS: 6 } },
  tells: '`table_restored`',
  told: restored,
  gentle: false,
};

const link: Fault = {
  name: 'interface down and up',
  what: 'the LAN’s bridge goes down for half a second, and gets its addresses anew',
  async inject({ lab }) {
    const lan = lab.networks[0];
    if (!lan) return;
    await lab.run('router', ['ip', 'link', 'set', lan.interface, 'down']);
    await sleep(500);
    await lab.run('router', ['ip', 'link', 'set', lan.interface, 'up']);
    await lab.exec('router', ['ip', 'addr', 'replace', lan.ip6, 'dev', lan.interface, 'nodad']);
    await sleep(300);
  },
  bounds: { idle: whole, attack: whole, banned: held },
  gentle: false,
};

let prefixes = 0;

/** Another /64 on the LAN, as a provider gives one: the devices take addresses in it, the daemon is told by SIGHUP. */
async function changePrefix({ lab, guard }: Place): Promise<void> {
  const lan = lab.networks[0];
  if (!lan) return;
  prefixes += 1;
  const prefix = `2001:db8:${5000 + prefixes}:`;
  const route = [`${prefix}:/64`, 'via', lab.networks[3]?.ip6.replace(/\/.*/, '') ?? ''];
  await lab.run('internet', ['ip', '-6', 'route', 'add', ...route]);
  await lab.run('router', ['ip', '-6', 'addr', 'flush', 'dev', lan.interface, 'scope', 'global']);
  await lab.run('router', ['ip', 'addr', 'add', `${prefix}:1/64`, 'dev', lan.interface, 'nodad']);
  for (const { name, network, iface, ip6 } of Object.values(lab.devices)) {
    if (network !== lan.name) continue;
    const own = `${prefix}:${ip6.replace(/.*:/, '')}/64`;
    const script = `ip -6 addr flush dev ${iface} scope global; ip addr add ${own} dev ${iface} nodad;
      ip -6 route replace default via ${prefix}:1`;
    await lab.run(name, ['sh', '-c', script]);
  }
  const config = readFileSync(guard.configPath, 'utf8');
  writeFileSync(guard.configPath, config.replaceAll(/2001:db8:(?:1|5\d\d\d)::1\b/g, `${prefix}:1`));
  await guard.process.kill('SIGHUP');
}

const renumbered: Fault = {
  name: 'IPv6 prefix changed',
  what: 'the LAN and its devices get another /64, and the configuration is read again',
  inject: changePrefix,
  bounds: { idle: whole, attack: alone, banned: held },
  gentle: false,
};

/** Faults of the firewall and of the networks around it. */
export const networkFaults: readonly Fault[] = [
  ...[deleted, flushed, reloaded, restarted, everyTable, link, renumbered],
];
