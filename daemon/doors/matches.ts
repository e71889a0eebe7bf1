import type { Ip } from '../address/ip.ts';
import { meansAddress, meansMasked, meansRaw } from './addresses.ts';
import { listOf, member, textOf, valuesOf } from './json.ts';

/** Ports that are named; of a longer list the end is left out. */
const maxPorts = 8;
const protocolNames: Readonly<Record<string, string>> = { 6: 'tcp', 17: 'udp' };

/** What a rule asks of a packet, as far as it matters to who can come in. */
export interface Matches {
  /** Interfaces by which it must come in; undefined where any will do, or all but some. */
  readonly interfaces: readonly string[] | undefined;
  /** `tcp`, `tcp, udp`, `any`. */
  readonly protocol: string;
  readonly ports: string;
  /** Each says whether an address passes it; empty where the rule names no destination. */
  readonly destinations: readonly ((ip: Ip) => boolean)[];
}

/** Reads the `match` statements of a rule; what it does not know narrows nothing. */
export function matchesOf(expressions: readonly unknown[]): Matches {
  let interfaces: readonly string[] | undefined;
  let protocol = 'any';
  let ports = 'all';
  const destinations: ((ip: Ip) => boolean)[] = [];
  for (const expression of expressions) {
    const match = member(expression, 'match');
    const left = member(match, 'left');
    const right = member(match, 'right');
    const isNot = textOf(match, 'op') === '!=';
    const key = textOf(member(left, 'meta'), 'key');
    if ((key === 'iifname' || key === 'iif') && !isNot) interfaces = valuesOf(right).map(String);
    else if (isProtocol(left) && !isNot) protocol = protocolsOf(right) || protocol;
    else if (isPort(left)) {
      const carrier = textOf(member(left, 'payload'), 'protocol');
      if (protocolName(carrier) !== '' && carrier !== 'th') protocol = carrier;
      ports = isNot ? `all but ${portsOf(right)}` : portsOf(right);
    } else if (textOf(member(expression, 'xt'), 'name') === 'multiport') {
      // What iptables asks by a module of its own is not listed.
      ports = 'some';
    } else if (isRawDestination(left) && !isNot) {
      destinations.push((ip) => meansRaw(right, ip));
    } else if (isDestination(left) && !isNot)
      destinations.push((ip) => valuesOf(right).some((value) => meansAddress(value, ip)));
    else if (isDestination(listOf(member(left, '&'))[0]) && !isNot) {
      const mask = listOf(member(left, '&'))[1];
      destinations.push((ip) => meansMasked(mask, right, ip));
    }
  }
  return { interfaces, protocol, ports, destinations };
}

/** Ports as text: `8080`, `5000-5010`, `80, 443`; `some` where they are in a set that is not listed with the rule. */
export function portsOf(value: unknown): string {
  const texts = valuesOf(value).map(portText);
  const more = texts.length > maxPorts ? ', ...' : '';
  return texts.slice(0, maxPorts).join(', ') + more;
}

function portText(value: unknown): string {
  const [from, to] = listOf(member(value, 'range'));
  if (from !== undefined) return `${onePort(from)}-${onePort(to)}`;
  return onePort(value);
}

function onePort(value: unknown): string {
  const isPort = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535;
  const isName = typeof value === 'string' && /^[a-z0-9-]{1,24}$/.test(value);
  return isPort || isName ? String(value) : 'some';
}

/** Whether an expression is the destination port, also as raw bytes of the transport header. */
export function isPort(left: unknown): boolean {
  return textOf(member(left, 'payload'), 'field') === 'dport' || isRaw(left, 'th', 16, 16);
}

function isProtocol(left: unknown): boolean {
  const field = textOf(member(left, 'payload'), 'field');
  if (textOf(member(left, 'meta'), 'key') === 'l4proto' || field === 'protocol' || field === 'nexthdr')
    return true;
  return isRaw(left, 'nh', 72, 8) || isRaw(left, 'nh', 48, 8);
}

/** miniupnpd asks for bits of the network header, of IPv4 or IPv6: nft does not know what they mean. */
function isRawDestination(left: unknown): boolean {
  return isRaw(left, 'nh', 128, 32) || isRaw(left, 'nh', 192, 128);
}

function isRaw(left: unknown, base: string, offset: number, length: number): boolean {
  const payload = member(left, 'payload');
  if (textOf(payload, 'base') !== base) return false;
  return member(payload, 'offset') === offset && member(payload, 'len') === length;
}

function isDestination(left: unknown): boolean {
  const payload = member(left, 'payload');
  return textOf(payload, 'field') === 'daddr' && textOf(payload, 'protocol') !== 'ether';
}

function protocolsOf(right: unknown): string {
  return valuesOf(right)
    .slice(0, 4)
    .map((value) => protocolName(String(value)))
    .filter((name) => name !== '')
    .join(', ');
}

function protocolName(text: string): string {
  const name = protocolNames[text] ?? text;
  return /^[a-z0-9-]{1,12}$/.test(name) ? name : '';
}
