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

/**
 * What comes in order waits in a queue, the rest in a binary heap: logs are nearly in order. Its owner keeps its size
 * within bounds.
 */
export function createHeap<T>(): Heap<T> {
  const heap: Entry<T>[] = [];
  let queue: Entry<T>[] = [];
  let taken = 0;
  let pushed = 0;

  /** What comes next of both; undefined when empty. */
  function first(): Entry<T> | undefined {
    const queued = queue[taken];
    const top = heap[0];
    return queued && top && isBefore(top, queued) ? top : (queued ?? top);
  }

  return {
    get size() {
      return heap.length + queue.length - taken;
    },
    push(rank, item) {
      const entry: Entry<T> = { rank, order: pushed++, item };
      const last = queue.at(-1);
      if (last === undefined || last.rank <= rank) queue.push(entry);
      else rise(heap, entry);
    },
    rank: () => first()?.rank,
    pop() {
      const entry = first();
      if (entry === undefined) return undefined;
      if (entry !== queue[taken]) {
        const last = heap.pop();
        if (last !== undefined && heap.length > 0) sink(heap, last);
        return entry.item;
      }
      taken++;
      // What was taken out goes in one piece, so that each costs as good as nothing.
      if (taken === queue.length || taken >= wasteful) {
        queue = queue.slice(taken);
        taken = 0;
      }
      return entry.item;
    },
  };
}

const wasteful = 4096;

function rise<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, entry)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

function sink<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    if (left === undefined) break;
    const right = heap[2 * at + 2];
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (isBefore(entry, child)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = entry;
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>) => a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
