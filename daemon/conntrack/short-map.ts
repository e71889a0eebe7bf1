/** Up to so many entries stand in lists. */
const shortest = 8;
/** A map that was long is short again from here on. */
const shortAgain = 2;

/**
 * A map in the order of insertion that has few entries nearly all the time, and may have many. V8's Map makes a new table
 * whenever it has become empty, and each dead table that is old keeps what it held, and the table after it, from an early
 * end: flows that come and go cost more for that than for all that is thought about them.
 */
export class ShortMap<Key extends string | number, Value> {
  private readonly keyList: (Key | undefined)[] = Array<undefined>(shortest).fill(undefined);
  private readonly valueList: (Value | undefined)[] = Array<undefined>(shortest).fill(undefined);
  private count = 0;
  private long: Map<Key, Value> | undefined = undefined;

  get size(): number {
    return this.long?.size ?? this.count;
  }

  get(key: Key): Value | undefined {
    if (this.long) return this.long.get(key);
    const index = this.indexOf(key);
    return index < 0 ? undefined : this.valueList[index];
  }

  has(key: Key): boolean {
    return this.long ? this.long.has(key) : this.indexOf(key) >= 0;
  }

  set(key: Key, value: Value): void {
    const index = this.long ? -1 : this.indexOf(key);
    if (index >= 0) this.valueList[index] = value;
    else if (!this.long && this.count < shortest) this.append(key, value);
    else {
      this.long ??= this.lengthen();
      this.long.set(key, value);
    }
  }

  delete(key: Key): void {
    if (this.long) {
      this.long.delete(key);
      if (this.long.size <= shortAgain) this.shorten(this.long);
      return;
    }
    const index = this.indexOf(key);
    if (index < 0) return;
    for (let at = index + 1; at < this.count; at++) {
      this.keyList[at - 1] = this.keyList[at];
      this.valueList[at - 1] = this.valueList[at];
    }
    this.count--;
    this.keyList[this.count] = undefined;
    this.valueList[this.count] = undefined;
  }

  /** The key that was put in first; undefined of an empty map. */
  firstKey(): Key | undefined {
    return this.long ? this.long.keys().next().value : this.keyList[0];
  }

  /** The keys in their order. The map may be changed meanwhile, as may be that of the others below. */
  keys(): Iterable<Key> {
    return this.long?.keys() ?? (this.keyList.slice(0, this.count) as Key[]);
  }

  values(): Iterable<Value> {
    return this.long?.values() ?? (this.valueList.slice(0, this.count) as Value[]);
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    if (this.long) return this.long.entries();
    const values = [...this.values()];
    return [...this.keys()].map((key, index) => [key, values[index] as Value] as const)[Symbol.iterator]();
  }

  private indexOf(key: Key): number {
    for (let index = 0; index < this.count; index++) if (this.keyList[index] === key) return index;
    return -1;
  }

  private append(key: Key, value: Value): void {
    this.keyList[this.count] = key;
    this.valueList[this.count] = value;
    this.count++;
  }

  private lengthen(): Map<Key, Value> {
    const long = new Map(this);
    this.count = 0;
    this.keyList.fill(undefined);
    this.valueList.fill(undefined);
    return long;
  }

  private shorten(long: Map<Key, Value>): void {
    this.long = undefined;
    for (const [key, value] of long) this.append(key, value);
  }
}
