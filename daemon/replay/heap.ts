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

/** Before it grows, a queue has room for so many; a power of two, as it stays. */
const smallest = 16;

/** A queue in a ring, with lists of its own for ranks, orders and items: none costs an object, and none is moved. */
function createQueue<T>() {
  let ranks: number[] = [];
  let orders: number[] = [];
  let items: (T | undefined)[] = [];
  let room = 0;
  let first = 0;
  let size = 0;

  function grow(): void {
    const places = Array.from({ length: size }, (_, index) => (first + index) & (room - 1));
    room = Math.max(smallest, 2 * room);
    const filled = <Item>(list: readonly Item[], rest: Item): Item[] => [
      ...places.map((place) => list[place] ?? rest),
      ...Array<Item>(room - size).fill(rest),
    ];
    ranks = filled(ranks, 0.5);
    orders = filled(orders, 0);
    items = filled<T | undefined>(items, undefined);
    first = 0;
  }

  return {
    size: () => size,
    rank: () => (size > 0 ? ranks[first] : undefined),
    order: () => orders[first] ?? 0,
    lastRank: () => (size > 0 ? ranks[(first + size - 1) & (room - 1)] : undefined),
    push(rank: number, order: number, item: T): void {
      if (size === room) grow();
      const place = (first + size) & (room - 1);
      ranks[place] = rank;
      orders[place] = order;
      items[place] = item;
      size++;
    },
    pop(): T | undefined {
      if (size === 0) return undefined;
      const item = items[first];
      items[first] = undefined;
      first = (first + 1) & (room - 1);
      size--;
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
