import type * as v from 'valibot';
import type { Network } from './config.ts';
import type { FoundNetwork } from './found-network.ts';
import { error, type Problem, shown, warning } from './problem.ts';
import { isNetworkName, type networkSchema } from './schema.ts';

/** A `network` section that passed its schema. */
export interface NamedNetwork {
  readonly path: string;
  /** UCI's name of the section. */
  readonly section: string | undefined;
  readonly values: v.InferOutput<typeof networkSchema>;
}

/** Bound of networks; what is above it is left out and told. */
export const maxNetworks = 32;

/**
 * Joins what the owner says about networks with what the system reports: a section adds to or overrides what was
 * found under its name, and what is up and not named is guarded, or upstream if it leads outwards.
 */
export function joinNetworks(
  named: readonly NamedNetwork[],
  found: readonly FoundNetwork[],
): { readonly networks: readonly Network[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const networks: Network[] = [];
  const taken = new Set<string>();
  for (const { path, section, values } of named) {
    const name = values.name ?? section;
    if (name === undefined || !isNetworkName(name)) {
      const message =
        name === undefined ? 'is missing' : `${shown(name)} is not a name of 1 to 15 letters, digits and _`;
      problems.push(error(`${path}.name`, message, 'Name the logical interface, as in /etc/config/network.'));
      continue;
    }
    const match = found.find(({ names }) => names.includes(name));
    const interfaces = values.interfaces ?? (match ? [match.interface] : []);
    const twice = interfaces.find((item) => taken.has(item));
    if (networks.some((network) => network.name === name) || twice !== undefined) {
      const what = twice === undefined ? 'this network' : `the interface ${twice}`;
      problems.push(
        error(`${path}.name`, `${what} has a section already`, 'Keep one section for each interface.'),
      );
      continue;
    }
    if (interfaces.length === 0) {
      const message = `no interface of ${name} was found, so it is left out`;
      problems.push(warning(`${path}.name`, message, 'Check the name against /etc/config/network.'));
      continue;
    }
    for (const item of interfaces) taken.add(item);
    networks.push({
      name,
      role: values.role ?? (match?.upstream ? 'upstream' : 'guard'),
      ...(values.class === undefined ? {} : { class: values.class }),
      interfaces,
      addresses: values.addresses ?? match?.addresses ?? [],
      prefixes: values.prefixes ?? match?.prefixes ?? [],
    });
  }
  for (const { names, up, upstream, interface: device, addresses, prefixes } of found) {
    if (!up || taken.has(device)) continue;
    const role = upstream ? 'upstream' : 'guard';
    const name = freeName(names[0] ?? device, networks);
    networks.push({ name, role, interfaces: [device], addresses, prefixes });
  }
  return { networks: networks.slice(0, maxNetworks), problems: [...problems, ...countProblems(networks)] };
}

function countProblems(networks: readonly Network[]): Problem[] {
  if (networks.length > maxNetworks) {
    const message = `${networks.length} networks were found, and only the first ${maxNetworks} are guarded`;
    return [warning('networks', message, 'Give those that need no guard the role ignore.')];
  }
  if (networks.some(({ role }) => role === 'guard')) return [];
  return [
    warning(
      'networks',
      'there is no network to guard',
      'Run Postern on the router, or give a network the role guard.',
    ),
  ];
}

/** A found name as the ruleset can hold it: other characters become `_`, and a name in use gets a number. */
function freeName(found: string, networks: readonly Network[]): string {
  const base = found.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 15);
  const used = (name: string) => networks.some((network) => network.name === name);
  let name = base;
  for (let count = 2; used(name); count++) name = `${base.slice(0, 12)}_${count}`;
  return name;
}
