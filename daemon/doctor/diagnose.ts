import type { Network } from '../config/config.ts';
import { isTooOld, oldestNode, plausibleWallMs } from './needs.ts';

/** What a router says of itself; undefined where it cannot be read. */
export interface Facts {
  /** The name of the system: "OpenWrt 25.12.2 r32802", from /etc/os-release. */
  readonly system: string | undefined;
  /** As in `process.versions.node`. */
  readonly node: string;
  /** How `nft -j list tables` ended, and what it said on stderr. */
  readonly nft: Ran;
  /** How `conntrack -C` ended: the tool, and the kernel's side of it. */
  readonly conntrack: Ran;
  /** Names of other programs that listen to conntrack's events. */
  readonly listeners: readonly string[];
  /** Contents of files of /proc/sys, trimmed. */
  readonly events: string | undefined;
  readonly accounting: string | undefined;
  readonly forwarding: string | undefined;
  readonly ip6Disabled: string | undefined;
  /** What the daemon makes of UCI's networks and of the firewall's zones. */
  readonly networks: readonly Pick<Network, 'name' | 'role'>[] | undefined;
  /** Flow tables of the firewall, which offload flows. */
  readonly flowtables: number;
  readonly hasUjail: boolean;
  /** MiB, of all memory and what is available of it. */
  readonly memoryMb: number | undefined;
  readonly availableMb: number | undefined;
  /** MiB free where the state is saved. */
  readonly flashMb: number | undefined;
  readonly wallMs: number;
  /** The daemon's answer to `status`, or why there is none. */
  readonly daemon: { readonly reasons: readonly Reason[] } | { readonly missing: string };
}

interface Ran {
  /** 127 if the program is missing. */
  readonly code: number;
  readonly stderr: string;
}

interface Reason {
  readonly text: string;
  readonly detail?: string;
  readonly remedy: string;
}

/** One thing looked at. `note` is worth knowing and no fault. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'note' | 'trouble';
  readonly text: string;
  /** What to do, where something is to be done. */
  readonly remedy?: string;
}

/** MiB that it needs. */
const needs = { availableMb: 64, flashMb: 1 } as const;

/** Looks at everything that Postern depends on, each thing ok or with a remedy, in the order in which to mend them. */
export function diagnose(facts: Facts): Finding[] {
  return [
    system(facts),
    node(facts),
    nft(facts),
    conntrack(facts),
    accounting(facts),
    listeners(facts),
    networks(facts),
    forwarding(facts),
    ip6(facts),
    offloading(facts),
    ujail(facts),
    memory(facts),
    flash(facts),
    clock(facts),
    ...daemon(facts),
  ];
}

const ok = (check: string, text: string): Finding => ({ check, state: 'ok', text });
const note = (check: string, text: string, remedy?: string): Finding => ({
  ...{ check, state: 'note', text },
  ...(remedy !== undefined && { remedy }),
});
const trouble = (check: string, text: string, remedy: string): Finding => ({
  ...{ check, state: 'trouble', text, remedy },
});

function system({ system: name }: Facts): Finding {
  if (name === undefined) return note('system', 'it does not say what it is');
  const release = /^OpenWrt (\d+)\.(\d+)/.exec(name);
  if (!release) return note('system', `${name}, which Postern was not made for`);
  const isOld = Number(release[1]) < 24;
  return isOld
    ? note('system', `${name}, which is not tested`, 'Use OpenWrt 24.10 or later.')
    : ok('system', name);
}

function node({ node: version }: Facts): Finding {
  return isTooOld(version)
    ? trouble('node', `Node ${version} is too old`, `Install Node ${oldestNode} or later.`)
    : ok('node', `Node ${version}`);
}

const asRoot = 'Run "postern doctor" as root.';

function nft({ nft: { code, stderr } }: Facts): Finding {
  if (code === 0) return ok('nft', 'nft speaks JSON');
  if (code === 127) return trouble('nft', 'there is no nft', 'Install the package nftables-json.');
  if (/json/i.test(stderr))
    return trouble('nft', 'this nft cannot speak JSON', 'Install nftables-json in place of nftables-nojson.');
  if (/permitted/i.test(stderr)) return note('nft', 'nft may not be asked', asRoot);
  return trouble(
    'nft',
    `nft fails: ${firstLine(stderr)}`,
    'See whether the kernel has nf_tables (kmod-nft-core).',
  );
}

function conntrack({ conntrack: { code, stderr }, events }: Facts): Finding {
  if (events === '0')
    return trouble(
      'conntrack',
      'the kernel makes no events of connections',
      'Set net.netfilter.nf_conntrack_events=1.',
    );
  if (code === 0) return ok('conntrack', 'connections can be watched');
  if (code === 127) return trouble('conntrack', 'there is no conntrack', 'Install the package conntrack.');
  if (/permitted/i.test(stderr)) return note('conntrack', 'conntrack may not be asked', asRoot);
  return trouble('conntrack', `conntrack fails: ${firstLine(stderr)}`, 'Install kmod-nf-conntrack-netlink.');
}

function accounting({ accounting: value }: Facts): Finding {
  return value === '0'
    ? trouble('accounting', 'the kernel does not count bytes', 'Set net.netfilter.nf_conntrack_acct=1.')
    : value === undefined
      ? note('accounting', 'whether the kernel counts bytes cannot be read')
      : ok('accounting', 'the kernel counts bytes');
}

function listeners({ listeners: names }: Facts): Finding {
  return names.length === 0
    ? ok('listeners', 'nobody else listens to connections')
    : note(
        'listeners',
        `others listen to connections (${names.join(', ')}), so every event of the router is read`,
        'Nothing to do; on a busy router stop them.',
      );
}

const roleWords = { guard: 'guarded', upstream: 'outwards', ignore: 'ignored' } as const;

function networks({ networks: all }: Facts): Finding {
  if (all === undefined)
    return note(
      'networks',
      'which networks are guarded cannot be read',
      'Run "postern check" as root, with Postern started.',
    );
  if (!all.some(({ role }) => role === 'guard'))
    return trouble(
      'networks',
      'no network is guarded',
      'Name yours in the configuration (config network, role guard), or see why none is up.',
    );
  const parts = (['guard', 'upstream', 'ignore'] as const).flatMap((role) => {
    const names = all.filter((one) => one.role === role).map(({ name }) => name);
    return names.length > 0 ? [`${roleWords[role]}: ${names.join(', ')}`] : [];
  });
  return ok('networks', parts.join('; '));
}

function forwarding({ forwarding: value }: Facts): Finding {
  return value === '1'
    ? ok('routing', 'it forwards traffic')
    : trouble('routing', 'this machine forwards no traffic', 'Run Postern on the router itself.');
}

function ip6({ ip6Disabled }: Facts): Finding {
  return ip6Disabled === '0' ? ok('ipv6', 'IPv6 is on') : note('ipv6', 'IPv6 is off');
}

function offloading({ flowtables }: Facts): Finding {
  return flowtables === 0
    ? ok('offloading', 'no flow is offloaded')
    : note('offloading', 'flows are offloaded: live sessions are cut by deleting their entries');
}

function ujail({ hasUjail }: Facts): Finding {
  return hasUjail
    ? ok('ujail', 'Postern can run with CAP_NET_ADMIN alone')
    : note('ujail', 'without ujail Postern runs as root', 'Install procd-ujail.');
}

function memory({ memoryMb, availableMb }: Facts): Finding {
  if (memoryMb === undefined || availableMb === undefined) return note('memory', 'memory cannot be read');
  const text = `${availableMb} of ${memoryMb} MiB are available`;
  return availableMb < needs.availableMb
    ? trouble('memory', text, 'Stop what you can spare; Postern needs some 50 MiB.')
    : ok('memory', text);
}

function flash({ flashMb }: Facts): Finding {
  if (flashMb === undefined) return note('flash', 'room for the state cannot be read');
  const text = `${flashMb} MiB are free for the state`;
  return flashMb < needs.flashMb
    ? trouble('flash', text, 'Make room: remove packages or files.')
    : ok('flash', text);
}

function clock({ wallMs }: Facts): Finding {
  return wallMs < plausibleWallMs
    ? trouble('clock', 'the clock is not set', 'Wait for NTP, or see whether a time server is reached.')
    : ok('clock', 'the clock is set');
}

function daemon({ daemon: found }: Facts): Finding[] {
  if ('missing' in found)
    return [
      trouble(
        'daemon',
        `Postern does not answer: ${found.missing}`,
        'Start it (service postern start) and see the log (logread | grep -e node -e postern).',
      ),
    ];
  if (found.reasons.length === 0) return [ok('daemon', 'Postern runs, and says that all is well')];
  return found.reasons.map(({ text, detail, remedy }) =>
    note('daemon', `Postern says: ${text}${detail ? ` (${detail})` : ''}`, remedy),
  );
}

const firstLine = (text: string) => text.trim().split('\n')[0] ?? '';
