import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../../guard/ask.ts';
import { acceptedFrom, cleanSlate, infect } from '../../guard/bots.ts';
import { startGuard } from '../../guard/guard.ts';
import { bansOf } from '../../guard/kernel-bans.ts';
import type { Lab } from '../../lab/lab.ts';
import { labFile } from '../../lab/root.ts';
import { home } from './home.ts';

const vlans = { 'br-lan': 10, 'br-guest': 20 } as const;

/** A bot in each of two VLANs of one bridge. The home stays so: this is its last scenario. */
export async function bridgeOfVlans() {
  const lab = await withVlans(await home());
  await cleanSlate(lab);
  const guard = await startGuard(lab, { name: 'vlans' });
  const names = ['camera', 'doorbell'] as const;
  const bots = await Promise.all(names.map((name) => infect(lab, name, '4', { durationS: 8 })));
  await Promise.all(bots.map(({ done }) => done));
  const bans = await bansOf(lab);
  const found = await Promise.all(
    names.map(async (name) => {
      const { mac } = lab.devices[name];
      const { state, network } = await ask(guard, 'device', { device: mac });
      return { name, network, state, set: bans[mac]?.set, accepted: await acceptedFrom(lab, name) };
    }),
  );
  const bridge = await lab.run('router', ['ip', '-d', 'link', 'show', 'br-lan']);
  await guard.stop();
  return { isFiltering: bridge.includes('vlan_filtering 1'), found };
}

/** Makes one bridge that filters VLANs of the two, with an interface for each VLAN, as OpenWrt does with DSA. */
async function withVlans(lab: Lab): Promise<Lab> {
  const ports = Object.values(lab.devices).filter(({ mac }) => mac !== '');
  const idOf = (network: string) => (network === 'lan' ? 10 : 20);
  const networks = lab.networks.map((network) => {
    const id = vlans[network.interface as keyof typeof vlans];
    return id === undefined ? network : { ...network, interface: `br-lan.${id}` };
  });
  const tagged = networks.filter(({ interface: link }) => link.startsWith('br-lan.'));
  await batch(lab, 'ip', [
    'link del br-guest',
    ...lab.networks
      .slice(0, 1)
      .flatMap(({ ip4, ip6 }) => [`addr del ${ip4} dev br-lan`, `addr del ${ip6} dev br-lan`]),
    'link set br-lan type bridge vlan_default_pvid 0',
    'link set br-lan type bridge vlan_filtering 1',
    ...ports.map(({ name }) => `link set p-${name} master br-lan`),
    ...tagged.flatMap(({ interface: link, ip4, ip6 }) => [
      `link add link br-lan name ${link} type vlan id ${link.slice(-2)}`,
      `link set ${link} up`,
      `addr add ${ip4} dev ${link}`,
      `addr add ${ip6} dev ${link} nodad`,
    ]),
  ]);
  await batch(lab, 'bridge', [
    'vlan add dev br-lan vid 10 self',
    'vlan add dev br-lan vid 20 self',
    ...ports.map(({ name, network }) => `vlan add dev p-${name} vid ${idOf(network)} pvid untagged`),
  ]);
  // The guest network's router has the bridge's MAC now.
  await lab.run('doorbell', ['ip', 'neigh', 'flush', 'all']);
  const rules = await readFile(labFile('fw4.nft'), 'utf8');
  const script = join(lab.dir, 'vlans.nft');
  await writeFile(
    script,
    rules.replaceAll('"br-lan"', '"br-lan.10"').replaceAll('"br-guest"', '"br-lan.20"'),
  );
  await lab.nft('-f', script);
  return { ...lab, networks };
}

async function batch(lab: Lab, program: string, lines: readonly string[]): Promise<void> {
  const file = join(lab.dir, `vlans-${program}`);
  await writeFile(file, `${lines.join('\n')}\n`);
  await lab.run('router', [program, '-batch', file]);
}
