import type { DeviceKey } from '../address/device-key.ts';

/**
 * Device keys, each once, in the order in which they came. One is made for every input, and nearly every one holds one
 * key or none: so it costs as good as nothing until there is a second.
 */
export class FewKeys {
  first: DeviceKey | undefined = undefined;
  /** All after the first. */
  others: Set<DeviceKey> | undefined = undefined;

  add(key: DeviceKey): this {
    if (this.first === undefined) this.first = key;
    else if (this.first !== key) {
      this.others ??= new Set();
      this.others.add(key);
    }
    return this;
  }
}
