import type { Rate } from './budgets.ts';
import type { Rule } from './statement.ts';

/** Our table, the only one that is ever listed or touched. */
export const tableName = 'postern';

/**
 * The layout of the table as a chain's name. A table that lacks it was made by another version and is built anew,
 * since sets cannot change their type or rate. Nothing jumps to it. Raise the number whenever a set's declaration or a base chain changes.
 */
export const layoutChain = 'layout_2';

export type ElementType = 'ether_addr' | 'ipv4_addr' | 'ipv6_addr' | 'inet_service' | 'ifname';

/** One named set. */
export interface SetSpec {
  readonly name: string;
  readonly type: readonly ElementType[];
  /** The most elements it holds. */
  readonly size: number;
  /**
   * `held`: filled by the daemon, elements may end by themselves; `fixed`: filled by the daemon, no ends;
   * `dynamic`: filled by packets, elements live `dynamicTimeoutS` beyond the last one.
   */
  readonly fill: 'held' | 'fixed' | 'dynamic';
  /** Takes prefixes. */
  readonly interval: boolean;
  /** What each element carries. */
  readonly each: 'nothing' | 'counter' | { readonly limit: Rate };
}

/** How long an element of a dynamic set lives beyond its last packet. */
export const dynamicTimeoutS = 3600;

/** A named limit: keeps its state while rules are written anew. */
export interface LimitSpec {
  readonly name: string;
  readonly rate: Rate;
}

export interface ChainSpec {
  readonly name: string;
  readonly base?: { readonly hook: 'forward' | 'input' | 'output'; readonly priority: number };
  readonly rules: readonly Rule[];
}

/** One element: the parts of its key in canonical text, and its end on the monotonic clock where it has one. */
export interface Element {
  readonly parts: readonly (string | number)[];
  readonly endMs?: number;
}

/** The elements of one set by their joined parts (`aa:bb:cc:00:11:22 . 192.0.2.7 . 25`). */
export type Elements = ReadonlyMap<string, Element>;

/** The table without its elements: what changes only when networks, options or providers do. */
export interface TableModel {
  readonly sets: readonly SetSpec[];
  readonly limits: readonly LimitSpec[];
  readonly chains: readonly ChainSpec[];
}

/** The element's key within its set. */
export function elementKey(parts: readonly (string | number)[]): string {
  return parts.length === 1 ? String(parts[0]) : parts.join(' . ');
}
