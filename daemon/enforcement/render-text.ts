import { greetingPackets, type Rate } from './budgets.ts';
import { remainingS } from './render-json.ts';
import type { Field, Right, Rule, Statement, Word } from './statement.ts';
import {
  type ChainSpec,
  dynamicTimeoutS,
  type Element,
  type LimitSpec,
  type SetSpec,
  tableName,
} from './table.ts';

const fields: Record<Field, string> = {
  iifname: 'iifname',
  oifname: 'oifname',
  iiftype: 'meta iiftype',
  nfproto: 'meta nfproto',
  l4proto: 'meta l4proto',
  pkttype: 'meta pkttype',
  length: 'meta length',
  sport: 'tcp sport',
  dport: 'tcp dport',
  mac: 'ether saddr',
  src4: 'ip saddr',
  dst4: 'ip daddr',
  src6: 'ip6 saddr',
  dst6: 'ip6 daddr',
  net6: 'ip6 saddr & ffff:ffff:ffff:ffff::',
};

const joined = (list: readonly Field[]) => list.map((field) => fields[field]).join(' . ');

/** Interface names are quoted, our own words are not. */
function word(value: Word, of: readonly Field[]): string {
  return of[0] === 'iifname' || of[0] === 'oifname' ? `"${value}"` : String(value);
}

function rightSide(right: Right, left: readonly Field[]): string {
  if ('set' in right) return `@${right.set}`;
  if ('one' in right) return word(right.one, left);
  if ('any' in right) return `{ ${right.any.map((value) => word(value, left)).join(', ')} }`;
  return right.range.join('-');
}

function textOf(statement: Statement): string {
  switch (statement.is) {
    case 'match': {
      const { left, not, right } = statement;
      return `${joined(left)} ${not ? '!= ' : ''}${rightSide(right, left)}`;
    }
    case 'first':
      return 'ct state new ct status ! confirmed';
    case 'push':
      return 'tcp flags & psh == psh';
    case 'greeted':
      return `ct reply packets ${greetingPackets.join('-')}`;
    case 'unconfirmed':
      return 'ct status ! confirmed';
    case 'update':
      return `update @${statement.set} { ${joined(statement.key)} }`;
    case 'count':
      return `counter name "${statement.name}"`;
    case 'limit':
      return `limit name "${statement.name}"`;
    case 'dispatch': {
      const to = statement.to.map(
        ([value, chain]) => `${word(value, [statement.field])} : ${statement.by} ${chain}`,
      );
      return `${fields[statement.field]} vmap { ${to.join(', ')} }`;
    }
    case 'jump':
    case 'goto':
      return `${statement.is} ${statement.chain}`;
    case 'accept':
    case 'drop':
      return statement.is;
    case 'reset':
      return 'reject with tcp reset';
    case 'prohibit':
      return 'reject with icmpx admin-prohibited';
    case 'events':
      return `ct event set ${statement.which.length > 0 ? statement.which.join(',') : '0'}`;
  }
}

const limitOf = ({ perHour, burst }: Rate) => `rate over ${perHour}/hour burst ${burst} packets`;

/** A rule of its own line. */
export function ruleText(rule: Rule): string {
  return rule.map(textOf).join(' ');
}

/** A set's declaration, one line each statement: some versions refuse one-line blocks. */
export function setText({ name, type, size, fill, interval, each }: SetSpec): string[] {
  const flags = [
    ...(interval ? ['interval'] : []),
    ...(fill === 'dynamic' ? ['dynamic'] : []),
    ...(fill === 'fixed' ? [] : ['timeout']),
  ];
  return [
    `set ${name} {`,
    `  type ${type.join(' . ')}`,
    `  size ${size}`,
    ...(flags.length > 0 ? [`  flags ${flags.join(',')}`] : []),
    ...(each === 'nothing' ? [] : each === 'counter' ? ['  counter'] : [`  limit ${limitOf(each.limit)}`]),
    ...(fill === 'dynamic' ? [`  timeout ${dynamicTimeoutS}s`] : []),
    '}',
  ];
}

export function limitText({ name, rate }: LimitSpec): string[] {
  return [`limit ${name} {`, `  ${limitOf(rate)}`, '}'];
}

export function chainText({ name, base, rules }: ChainSpec): string[] {
  const hooked = base ? [`  type filter hook ${base.hook} priority ${base.priority}; policy accept;`] : [];
  return [`chain ${name} {`, ...hooked, ...rules.map((rule) => `  ${ruleText(rule)}`), '}'];
}

/** `add element` with what is left of each element's time. Parts are numbers and canonical text only. */
export function elementsText(set: string, elements: readonly Element[], nowMs: number): string {
  const list = elements.map(({ parts, endMs }) => {
    const key = parts.map((part, index) => (index === 0 && isName(set) ? `"${part}"` : part)).join(' . ');
    return endMs === undefined ? key : `${key} timeout ${remainingS(endMs, nowMs)}s`;
  });
  return `add element inet ${tableName} ${set} { ${list.join(', ')} }`;
}

/** Sets that begin with an interface name. */
function isName(set: string): boolean {
  return set.startsWith('exempt_');
}
