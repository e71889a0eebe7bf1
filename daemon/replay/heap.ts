/** Things in the order of a number; equal ones in the order in which they came. */
export interface Heap<T> {
  readonly size: number;
  push(rank: number, item: T): void;
  /** The lowest rank; undefined when empty. */
  rank(): number | undefined;
  /** Takes out the item of the lowest rank; undefined when empty. */
  pop(): T | undefined;
}

interface Entry<T> {
  readonly rank: number;
  readonly order: number;
  readonly item: T;
}

/** A binary heap. Its owner keeps its size within bounds. */
export function createHeap<T>(): Heap<T> {
  const entries: Entry<T>[] = [];
  let pushed = 0;

  function sink(entry: Entry<T>): void {
    let at = 0;
    for (;;) {
      const left = entries[2 * at + 1];
      if (left === undefined) break;
      const right = entries[2 * at + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(entry, child)) break;
      entries[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    entries[at] = entry;
  }

  return {
    get size() {
      return entries.length;
    },
    push(rank, item) {
      const entry: Entry<T> = { rank, order: pushed++, item };
      let at = entries.length;
      while (at > 0) {
        const above = (at - 1) >> 1;
        const parent = entries[above];
        if (parent === undefined || isBefore(parent, entry)) break;
        entries[at] = parent;
        at = above;
      }
      entries[at] = entry;
    },
    rank: () => entries[0]?.rank,
    pop() {
      const top = entries[0];
      const last = entries.pop();
      if (top !== undefined && last !== undefined && entries.length > 0) sink(last);
      return top?.item;
    },
  };
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>) => a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
