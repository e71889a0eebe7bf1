/** A netlink socket that listens to conntrack's events. */
export interface ConntrackSocket {
  /** What `/proc/PID/fd` shows as `socket:[…]`: the only way to its process. */
  readonly inode: number;
  /** The netlink port. Only a process's first socket has its pid here: conntrack's event socket is its second. */
  readonly portId: number;
  readonly events: readonly ('new' | 'update' | 'destroy')[];
}

/** NETLINK_NETFILTER of linux/netlink.h. */
const netfilter = 12;

/** Bits of NFNLGRP_CONNTRACK_NEW, _UPDATE and _DESTROY of linux/netfilter/nfnetlink.h. */
const groupBits = [
  ['new', 1],
  ['update', 2],
  ['destroy', 4],
] as const;

/** More rows than this are not read. */
const mostRows = 4_096;

/**
 * The sockets of this network namespace that listen to conntrack, from the text of `/proc/net/netlink`
 * (columns sk, Eth, Pid, Groups, Rmem, Wmem, Dump, Locks, Drops, Inode; groups 1 to 32 as hexadecimal). Rows that
 * do not fit are passed over.
 */
export function conntrackSockets(text: string): readonly ConntrackSocket[] {
  const sockets: ConntrackSocket[] = [];
  for (const line of text.split('\n', mostRows)) {
    const [, protocol, portId, groups, , , , , , inode] = line.trim().split(/\s+/);
    if (Number(protocol) !== netfilter || !groups || !/^[0-9a-f]{1,8}$/i.test(groups)) continue;
    if (!portId || !inode || !/^\d{1,10}$/.test(portId) || !/^\d{1,15}$/.test(inode)) continue;
    const mask = Number.parseInt(groups, 16);
    const events = groupBits.flatMap(([event, bit]) => (mask & bit ? [event] : []));
    if (events.length > 0) sockets.push({ inode: Number(inode), portId: Number(portId), events });
  }
  return sockets;
}

/**
 * The sockets that are not ours: where there is one, the kernel's events must not be masked.
 *
 * @param ownInodes the sockets of our own children, from their `/proc/PID/fd`
 */
export function otherListeners(
  sockets: readonly ConntrackSocket[],
  ownInodes: ReadonlySet<number>,
): readonly ConntrackSocket[] {
  return sockets.filter(({ inode }) => !ownInodes.has(inode));
}

/** The inode of a socket from what a descriptor of `/proc/PID/fd` points to (`socket:[17666]`); else undefined. */
export function socketInode(link: string): number | undefined {
  const digits = /^socket:\[(\d{1,15})\]$/.exec(link)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
