import { execFileSync } from 'node:child_process';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** What a sink does with mail to one of its addresses. */
export type Behaviour = 'accept' | 'tempfail' | 'permfail' | 'refuse' | 'drop';

const mailPorts = '{ 25, 465, 587, 2525 }';

/** The spelling that sockets and nft print: no IPv4-mapped prefix, IPv6 in its shortest form. */
export function canonicalAddress(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare;
}

/** Lets the kernel refuse (reset) or silently drop new mail connections to these addresses, and to no others. */
export function setUnreachable(behaviours: ReadonlyMap<string, Behaviour>): void {
  const having = (behaviour: Behaviour, isFamily: (address: string) => boolean) =>
    [...behaviours]
      .filter(([address, is]) => is === behaviour && isFamily(address))
      .map(([address]) => address);
  const rules: string[] = [];
  for (const [behaviour, statement] of [
    ['refuse', 'reject with tcp reset'],
    ['drop', 'drop'],
  ] as const) {
    const four = having(behaviour, isIPv4);
    const six = having(behaviour, isIPv6);
    const newMail = `tcp dport ${mailPorts} tcp flags & (syn | ack) == syn`;
    if (four.length > 0) rules.push(`ip daddr { ${four.join(', ')} } ${newMail} ${statement}`);
    if (six.length > 0) rules.push(`ip6 daddr { ${six.join(', ')} } ${newMail} ${statement}`);
  }
  execFileSync('nft', [
    [
      'add table inet sink',
      'add chain inet sink input { type filter hook input priority filter - 20; policy accept; }',
      'flush chain inet sink input',
      ...rules.map((rule) => `add rule inet sink input ${rule}`),
    ].join('\n'),
  ]);
}
