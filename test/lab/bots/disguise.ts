import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';

interface Route {
  readonly gateway: string;
}

interface Link {
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[];
}

const families = ['-4', '-6'] as const;

/** Gives an interface a random unicast MAC while it is up, and returns it. Neighbours are told at once. */
export function changeMac(iface: string): string {
  // Without these the router would go on sending to the old MAC until its entry ages.
  writeFileSync(`/proc/sys/net/ipv4/conf/${iface}/arp_notify`, '1');
  writeFileSync(`/proc/sys/net/ipv6/conf/${iface}/ndisc_notify`, '1');
  const bytes = randomBytes(6);
  bytes[0] = (bytes[0] ?? 0) & 0xfe;
  const mac = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  execFileSync('ip', ['link', 'set', 'dev', iface, 'address', mac]);
  return mac;
}

/**
 * Returns what gives an interface fresh random addresses of its prefixes each time it is called. The ones
 * before stay for sessions under way, as with privacy addresses; the ones before those go.
 */
export function makeAddressChanger(iface: string): () => void {
  // Else the kernel removes all later IPv4 addresses of a subnet together with the first.
  writeFileSync(`/proc/sys/net/ipv4/conf/${iface}/promote_secondaries`, '1');
  const worn = { '-4': [] as string[], '-6': [] as string[] };
  return () => {
    for (const family of families) changeAddress(iface, family, worn[family]);
  };
}

function changeAddress(iface: string, family: '-4' | '-6', worn: string[]): void {
  const [route] = query<Route>([family, 'route', 'show', 'default', 'dev', iface]);
  const infos = query<Link>([family, 'addr', 'show', 'dev', iface, 'scope', 'global']).flatMap(
    (l) => l.addr_info ?? [],
  );
  const first = infos[0];
  if (route === undefined || first === undefined) return;
  const address = (local: string) => `${local}/${first.prefixlen}`;
  const fresh =
    family === '-4'
      ? first.local.replace(/\d+$/, String(randomInt(100, 250)))
      : first.local.replace(/[0-9a-f]*$/, randomInt(0x1000, 0xffff).toString(16));
  if (infos.some(({ local }) => local === fresh)) return;
  if (worn.length === 0) worn.push(first.local);
  const previous = worn.at(-1) ?? first.local;
  if (family === '-4') {
    execFileSync('ip', [family, 'addr', 'add', address(fresh), 'dev', iface]);
  } else {
    execFileSync('ip', [family, 'addr', 'add', address(fresh), 'dev', iface, 'nodad']);
    execFileSync('ip', [family, 'addr', 'change', address(previous), 'dev', iface, 'preferred_lft', '0']);
  }
  worn.push(fresh);
  const oldest = worn.length > 2 ? worn.shift() : undefined;
  if (oldest !== undefined) execFileSync('ip', [family, 'addr', 'del', address(oldest), 'dev', iface]);
  execFileSync('ip', [
    family,
    'route',
    'replace',
    'default',
    'via',
    route.gateway,
    'dev',
    iface,
    'src',
    fresh,
  ]);
}

function query<Row>(args: readonly string[]): Row[] {
  return JSON.parse(execFileSync('ip', ['-j', ...args]).toString() || '[]') as Row[];
}
