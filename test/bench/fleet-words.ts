/** What a process of nodes is told. */
export type ToNodes =
  /** All connect at once. */
  | { readonly do: 'start' }
  /** Each tells the rest of its incident, a step in so many milliseconds. */
  | { readonly do: 'events'; readonly everyMs: number }
  | { readonly do: 'stop' };

/** What it answers, when all its nodes have done so and the broker has acknowledged it; and connections tried so far. */
export interface FromNodes {
  readonly done: 'made' | 'start' | 'events';
  readonly connections: number;
}

/** The node's name, as a router that nobody named has it. */
export function nodeName(number: number): string {
  return `openwrt-${number.toString(16).padStart(6, '0')}`;
}
