import { canonicalIp } from '../address/ip.ts';
import { formatPrefix, parsePrefix } from '../address/prefix.ts';

/** One element as nft lists it. */
export interface ListedElement {
  readonly parts: readonly (string | number)[];
  /** What is left of its time, whole seconds rounded down. */
  readonly expiresS?: number;
  readonly packets?: number;
}

export interface ListedSet {
  readonly name: string;
  readonly size?: number;
  readonly elements: readonly ListedElement[];
}

/** One object of a listing as it came: `{"rule": {…}}` has the kind `rule`. */
export interface ListedObject {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** The objects of our own table in the output of `nft -j list …`; undefined if it is no such output. Never throws. */
export function parseListing(stdout: string, table: string): ListedObject[] | undefined {
  let root: unknown;
  try {
    root = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const list = isFields(root) ? root['nftables'] : undefined;
  if (!Array.isArray(list)) return undefined;
  const objects: ListedObject[] = [];
  for (const item of list as unknown[]) {
    if (!isFields(item)) continue;
    for (const [kind, value] of Object.entries(item)) {
      if (!isFields(value)) continue;
      const isOurs = kind === 'table' ? value['name'] === table : value['table'] === table;
      if (isOurs) objects.push({ kind, value });
    }
  }
  return objects;
}

/** The sets among the objects. Elements that cannot be read are left out and counted in `dropped`. */
export function setsAmong(objects: readonly ListedObject[]): {
  sets: Map<string, ListedSet>;
  dropped: number;
} {
  const sets = new Map<string, ListedSet>();
  let dropped = 0;
  for (const { kind, value } of objects) {
    const { name, type, size, elem } = value;
    if (kind !== 'set' || typeof name !== 'string') continue;
    const types = Array.isArray(type) ? (type as unknown[]) : [type];
    const elements: ListedElement[] = [];
    for (const item of Array.isArray(elem) ? (elem as unknown[]) : []) {
      const element = parseElement(item, types);
      if (element) elements.push(element);
      else dropped++;
    }
    sets.set(name, { name, elements, ...(typeof size === 'number' && { size }) });
  }
  return { sets, dropped };
}

function parseElement(item: unknown, types: readonly unknown[]): ListedElement | undefined {
  const wrapped = isFields(item) && isFields(item['elem']) ? item['elem'] : undefined;
  const value = wrapped ? wrapped['val'] : item;
  const raw = isFields(value) && Array.isArray(value['concat']) ? (value['concat'] as unknown[]) : [value];
  const parts = raw.map((part, index) => parsePart(part, types[index]));
  if (raw.length !== types.length || !parts.every((part) => part !== undefined)) return undefined;
  const expiresS = wrapped?.['expires'];
  const counter = wrapped?.['counter'];
  const packets = isFields(counter) ? counter['packets'] : undefined;
  return {
    parts,
    ...(typeof expiresS === 'number' && { expiresS }),
    ...(typeof packets === 'number' && { packets }),
  };
}

function parsePart(part: unknown, type: unknown): string | number | undefined {
  if (type === 'inet_service') return typeof part === 'number' ? part : undefined;
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    if (typeof part === 'string') return canonicalIp(part);
    const net = isFields(part) ? part['prefix'] : undefined;
    const prefix = isFields(net) ? parsePrefix(`${String(net['addr'])}/${String(net['len'])}`) : undefined;
    return prefix && formatPrefix(prefix);
  }
  if (typeof part !== 'string') return undefined;
  return type === 'ether_addr' ? part.toLowerCase() : part;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
