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
  const queue = createQueue<T>();
  let pushed = 0;

  /** Whether the next one stands in the heap rather than in the queue. */
  function isInHeap(): boolean {
    const top = heap[0];
    if (top === undefined) return false;
    const rank = queue.rank();
    return rank === undefined || top.rank < rank || (top.rank === rank && top.order < queue.order());
  }

  return {
    get size() {
      return heap.length + queue.size();
    },
    push(rank, item) {
      const last = queue.lastRank();
      if (last === undefined || last <= rank) queue.push(rank, pushed++, item);
      else rise(heap, { rank, order: pushed++, item });
    },
    rank: () => (isInHeap() ? heap[0]?.rank : queue.rank()),
    pop() {
      if (!isInHeap()) return queue.pop();
      const top = heap[0];
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last);
      return top?.item;
    },
  };
}

/** So much that was taken out may stand before what is left. */
const wasteful = 4096;

/**
 * A queue in lists of its own for ranks, orders and items: none costs an object. Lists are used again once all was taken
 * out.
 */
function createQueue<T>() {
  const ranks: number[] = [];
  const orders: number[] = [];
  const items: (T | undefined)[] = [];
  let first = 0;
  let end = 0;

  function closeUp(): void {
    ranks.copyWithin(0, first, end);
    orders.copyWithin(0, first, end);
    items.copyWithin(0, first, end);
    // What is left of an item behind the end would keep it in memory.
    items.fill(undefined, end - first, end);
    end -= first;
    first = 0;
  }

  return {
    size: () => end - first,
    rank: () => (first < end ? ranks[first] : undefined),
    order: () => orders[first] ?? 0,
    lastRank: () => (first < end ? ranks[end - 1] : undefined),
    push(rank: number, order: number, item: T): void {
      ranks[end] = rank;
      orders[end] = order;
      items[end] = item;
      end++;
    },
    pop(): T | undefined {
      if (first === end) return undefined;
      const item = items[first];
      items[first] = undefined;
      first++;
      if (first === end) {
        first = 0;
        end = 0;
      } else if (first >= wasteful) closeUp();
      return item;
    },
  };
}

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
