/**
 * What a rule reads from a packet. `mac` is the Ethernet source, `net6` the first address of the source's /64;
 * `mac` on a frame without Ethernet ends the rule without a match.
 */
export type Field =
  | 'iifname'
  | 'oifname'
  | 'iiftype'
  | 'nfproto'
  | 'l4proto'
  | 'pkttype'
  | 'length'
  | 'sport'
  | 'dport'
  | 'mac'
  | 'src4'
  | 'dst4'
  | 'src6'
  | 'dst6'
  | 'net6';

/** One value of a field: our own words, checked interface names, numbers. */
export type Word = string | number;

/** The right side of a comparison: a named set, one value, any of some values, or a range with both ends. */
export type Right =
  | { readonly set: string }
  | { readonly one: Word }
  | { readonly any: readonly Word[] }
  | { readonly range: readonly [number, number] };

/** One step of a rule; a rule is a list of steps, and a step that does not match ends its rule. */
export type Statement =
  | { readonly is: 'match'; readonly left: readonly Field[]; readonly not: boolean; readonly right: Right }
  /** The first packet of a connection: a repeated SYN belongs to a confirmed entry and does not count again. */
  | { readonly is: 'first' }
  /** A segment that completes what its sender had to say, rather than a bare acknowledgement. */
  | { readonly is: 'push' }
  /** The server has said no more than its greeting; never true where conntrack does not count packets. */
  | { readonly is: 'greeted' }
  /** The entry has not left the router yet; true for the first packet of whatever protocol. */
  | { readonly is: 'unconfirmed' }
  /** Adds the key to a dynamic set or refreshes it; ends the rule where the set is full or its limit not reached. */
  | { readonly is: 'update'; readonly set: string; readonly key: readonly Field[] }
  | { readonly is: 'limit'; readonly name: string }
  /** Adds to the named counter. */
  | { readonly is: 'count'; readonly name: string }
  | {
      readonly is: 'dispatch';
      readonly field: Field;
      readonly to: readonly (readonly [string, string])[];
      readonly by: 'jump' | 'goto';
    }
  | { readonly is: 'jump' | 'goto'; readonly chain: string }
  | { readonly is: 'accept' | 'drop' | 'reset' | 'prohibit' }
  | { readonly is: 'events'; readonly which: readonly string[] };

export type Rule = readonly Statement[];

/** `left == right`, where `left` may be several fields joined. */
export function match(left: Field | readonly Field[], right: Right): Statement {
  return { is: 'match', left: typeof left === 'string' ? [left] : left, not: false, right };
}

/** `left != right`. */
export function differ(left: Field | readonly Field[], right: Right): Statement {
  return { is: 'match', left: typeof left === 'string' ? [left] : left, not: true, right };
}

/** Looks the fields up in a named set. */
export function isIn(left: Field | readonly Field[], set: string): Statement {
  return match(left, { set });
}

/** Matches where the fields are not in a named set. */
export function notIn(left: Field | readonly Field[], set: string): Statement {
  return differ(left, { set });
}

/** Adds to a dynamic set, or refreshes what is there. */
export function update(set: string, key: readonly Field[]): Statement {
  return { is: 'update', set, key };
}

/** Leaves for another chain without coming back. */
export function goto(chain: string): Statement {
  return { is: 'goto', chain };
}

export const first: Statement = { is: 'first' };
export const push: Statement = { is: 'push' };
export const greeted: Statement = { is: 'greeted' };
