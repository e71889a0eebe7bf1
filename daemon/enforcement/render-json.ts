import { greetingPackets, type Rate } from './budgets.ts';
import type { Field, Right, Rule, Statement } from './statement.ts';
import {
  type ChainSpec,
  dynamicTimeoutS,
  type Element,
  type LimitSpec,
  type SetSpec,
  tableName,
} from './table.ts';

/** Part of a libnftables-json(5) command. */
export type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
/** One libnftables-json(5) command: `{"add": {"element": {…}}}`. */
export type Command = { readonly [verb: string]: Json };

const here = { family: 'inet', table: tableName } as const;
const table = { family: 'inet', name: tableName } as const;

const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const meta = (key: string) => ({ meta: { key } });

const fields: Record<Field, Json> = {
  iifname: meta('iifname'),
  oifname: meta('oifname'),
  iiftype: meta('iiftype'),
  nfproto: meta('nfproto'),
  l4proto: meta('l4proto'),
  pkttype: meta('pkttype'),
  length: meta('length'),
  sport: payload('tcp', 'sport'),
  dport: payload('tcp', 'dport'),
  mac: payload('ether', 'saddr'),
  src4: payload('ip', 'saddr'),
  dst4: payload('ip', 'daddr'),
  src6: payload('ip6', 'saddr'),
  dst6: payload('ip6', 'daddr'),
  net6: { '&': [payload('ip6', 'saddr'), 'ffff:ffff:ffff:ffff::'] },
};

function joined(list: readonly Field[]): Json {
  const parts = list.map((field) => fields[field]);
  return parts.length === 1 ? (parts[0] ?? null) : { concat: parts };
}

function rightSide(right: Right): Json {
  if ('set' in right) return `@${right.set}`;
  if ('one' in right) return partOf(right.one);
  if ('any' in right) return { set: right.any };
  return { range: right.range };
}

const isUnconfirmed = {
  match: { op: '==', left: { '&': [{ ct: { key: 'status' } }, 'confirmed'] }, right: 0 },
};
const repliesOf = { ct: { key: 'packets', dir: 'reply' } };
const isNew = { match: { op: 'in', left: { ct: { key: 'state' } }, right: 'new' } };

function expressionsOf(statement: Statement): Json[] {
  switch (statement.is) {
    case 'match': {
      const { left, not, right } = statement;
      return [{ match: { op: not ? '!=' : '==', left: joined(left), right: rightSide(right) } }];
    }
    case 'first':
      return [isNew, isUnconfirmed];
    case 'push':
      return [{ match: { op: '==', left: { '&': [payload('tcp', 'flags'), 'psh'] }, right: 'psh' } }];
    case 'greeted':
      return [{ match: { op: '==', left: repliesOf, right: { range: greetingPackets } } }];
    case 'unconfirmed':
      return [isUnconfirmed];
    case 'update':
      return [{ set: { op: 'update', elem: joined(statement.key), set: `@${statement.set}` } }];
    case 'limit':
      return [{ limit: statement.name }];
    case 'count':
      return [{ counter: statement.name }];
    case 'dispatch': {
      const to = statement.to.map(([value, chain]): Json => [value, { [statement.by]: { target: chain } }]);
      return [{ vmap: { key: fields[statement.field], data: { set: to } } }];
    }
    case 'jump':
    case 'goto':
      return [{ [statement.is]: { target: statement.chain } }];
    case 'accept':
    case 'drop':
      return [{ [statement.is]: null }];
    case 'reset':
      return [{ reject: { type: 'tcp reset' } }];
    case 'prohibit':
      return [{ reject: { type: 'icmpx', expr: 'admin-prohibited' } }];
    case 'events': {
      const value = statement.which.length > 0 ? statement.which : 0;
      return [{ mangle: { key: { ct: { key: 'event' } }, value } }];
    }
  }
}

const limitOf = ({ perHour, burst }: Rate) => ({ rate: perHour, per: 'hour', burst, inv: true });

/** Declares the table; harmless where it exists. */
export const addTable: Command = { add: { table } };
/** Removes the table with all in it; fails where there is none. */
export const deleteTable: Command = { delete: { table } };
/** Takes every rule out, and leaves chains, sets and elements. */
export const flushRules: Command = { flush: { table } };

export function deleteNamed(what: 'chain' | 'set' | 'limit', name: string): Command {
  return { delete: { [what]: { ...here, name } } };
}

export function flushSet(name: string): Command {
  return { flush: { set: { ...here, name } } };
}

function declaration({ name, type, size, fill, interval, each }: SetSpec) {
  const flags = [...(interval ? ['interval'] : []), ...(fill === 'fixed' ? [] : ['timeout'])];
  const stmt: Json[] =
    each === 'nothing' ? [] : each === 'counter' ? [{ counter: null }] : [{ limit: limitOf(each.limit) }];
  return {
    ...here,
    name,
    type: type.length === 1 ? (type[0] ?? null) : type,
    size,
    ...(flags.length > 0 && { flags }),
    ...(fill === 'dynamic' && { timeout: dynamicTimeoutS }),
    ...(stmt.length > 0 && { stmt }),
  };
}

/**
 * Declares a set. nft 1.0.6's JSON knows no `dynamic` flag and adds it by itself only where set and rule are new
 * together: a dynamic set that exists must not be declared again.
 */
export function addSet(spec: SetSpec): Command {
  return { add: { set: declaration(spec) } };
}

/**
 * Adds elements to a set that is there, by declaring it again with them: then nft needs to know nothing of the table,
 * where for a bare element it first reads every set of every table, which takes longer than all the rest of a ban. Not
 * so for prefixes: there it has to see what is there already.
 */
export function addToSet(spec: SetSpec, elements: readonly Element[], nowMs: number): Command {
  if (spec.interval) return addElements(spec.name, elements, nowMs);
  return { add: { set: { ...declaration(spec), elem: elementsAt(elements, nowMs) } } };
}

export function addLimit({ name, rate }: LimitSpec): Command {
  return { add: { limit: { ...here, name, ...limitOf(rate) } } };
}

/** Declares a counter; harmless where it exists, whose count stays. */
export function addCounter(name: string): Command {
  return { add: { counter: { ...here, name } } };
}

export function addChain({ name, base }: ChainSpec): Command {
  const hooked = base && { type: 'filter', hook: base.hook, prio: base.priority, policy: 'accept' };
  return { add: { chain: { ...here, name, ...hooked } } };
}

export function addRule(chain: string, rule: Rule): Command {
  return { add: { rule: { ...here, chain, expr: rule.flatMap(expressionsOf) } } };
}

/** Seconds until the end, at least one: nft's JSON counts in seconds. */
export function remainingS(endMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((endMs - nowMs) / 1000));
}

function partOf(part: string | number): Json {
  if (typeof part === 'number') return part;
  const slash = part.indexOf('/');
  if (slash < 0) return part;
  return { prefix: { addr: part.slice(0, slash), len: Number(part.slice(slash + 1)) } };
}

function elementValue({ parts }: Element): Json {
  return parts.length === 1 ? partOf(parts[0] ?? '') : { concat: parts.map(partOf) };
}

function elementsAt(elements: readonly Element[], nowMs: number): Json {
  return elements.map((element): Json => {
    const val = elementValue(element);
    return element.endMs === undefined ? val : { elem: { val, timeout: remainingS(element.endMs, nowMs) } };
  });
}

/** Adds elements with what is left of their time. */
export function addElements(set: string, elements: readonly Element[], nowMs: number): Command {
  return { add: { element: { ...here, name: set, elem: elementsAt(elements, nowMs) } } };
}

/**
 * Deletes elements, whether or not they have ended in the kernel meanwhile: deleting one that has would fail the
 * whole transaction, so each is added first, which does nothing where it is still there.
 */
export function deleteElements(set: string, elements: readonly Element[]): Command[] {
  const element = { ...here, name: set, elem: elements.map(elementValue) };
  return [{ add: { element } }, { delete: { element } }];
}

/** The text that nft takes as one transaction. */
export function batch(commands: readonly Command[]): string {
  return JSON.stringify({ nftables: commands });
}
