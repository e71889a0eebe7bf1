import type { DeviceKey } from '../address/device-key.ts';

/**
 * Device keys, each once, in the order in which they came. One is made for every input, and nearly every one holds one
 * key or none: so it costs as good as nothing until there is a second.
 */
export class FewKeys implements Iterable<DeviceKey> {
  #first: DeviceKey | undefined;
  #all: Set<DeviceKey> | undefined;

  add(key: DeviceKey): this {
    if (this.#all) this.#all.add(key);
    else if (this.#first === undefined) this.#first = key;
    else if (this.#first !== key) this.#all = new Set([this.#first, key]);
    return this;
  }

  [Symbol.iterator](): Iterator<DeviceKey> {
    return (this.#all ?? (this.#first === undefined ? [] : [this.#first]))[Symbol.iterator]();
  }
}
