import type { Command } from '../../daemon/enforcement/render-json.ts';

interface ElementJson {
  readonly elem?: { readonly val: unknown; readonly timeout: number };
}

/**
 * What of nftables the reconciler relies on: sets with elements that end, `add` that does nothing where the element is
 * there (or moves its end, as kernels from 6.12 on do), `delete` that fails where it is not, prefixes of one set that
 * must not be added inside another, and one transaction that is done as a whole or not at all.
 */
export class KernelModel {
  sets = new Map<string, { interval: boolean; elements: Map<string, number> }>();
  chains = new Set<string>();
  #movesEnds: boolean;

  constructor(movesEnds: boolean) {
    this.#movesEnds = movesEnds;
  }

  /** Runs a transaction at `nowMs`; throws, and changes nothing, where the kernel would refuse it. */
  run(commands: readonly Command[], nowMs: number): void {
    const before = { sets: structuredClone(this.sets), chains: new Set(this.chains) };
    try {
      for (const command of commands) this.#perform(command, nowMs);
    } catch (error) {
      Object.assign(this, before);
      throw error;
    }
  }

  /** What is there at `nowMs`: each element's end by set and key. */
  present(nowMs: number): Map<string, Map<string, number>> {
    const live = [...this.sets].map(([name, { elements }]) => {
      return [name, new Map([...elements].filter(([, end]) => end > nowMs))] as const;
    });
    return new Map(live.filter(([, elements]) => elements.size > 0));
  }

  #perform(command: Command, nowMs: number): void {
    const [verb = '', object] = Object.entries(command)[0] ?? [];
    const [kind = '', value] = Object.entries(object as object)[0] ?? [];
    const {
      name = '',
      elem = [],
      flags = [],
    } = value as { name?: string; elem?: unknown[]; flags?: string[] };
    switch (`${verb} ${kind}`) {
      case 'delete table':
        this.sets.clear();
        this.chains.clear();
        break;
      case 'add set':
        if (!this.sets.has(name))
          this.sets.set(name, { interval: flags.includes('interval'), elements: new Map() });
        for (const item of elem) this.#add(name, item as ElementJson, nowMs);
        break;
      case 'delete set':
        if (!this.sets.delete(name)) throw new Error(`no set ${name}`);
        break;
      case 'flush set':
        this.#set(name).elements.clear();
        break;
      case 'add chain':
        this.chains.add(name);
        break;
      case 'delete chain':
        if (!this.chains.delete(name)) throw new Error(`no chain ${name}`);
        break;
      case 'add element':
        for (const item of elem) this.#add(name, item as ElementJson, nowMs);
        break;
      case 'delete element':
        for (const item of elem) this.#delete(name, item as ElementJson, nowMs);
        break;
    }
  }

  #set(name: string) {
    const set = this.sets.get(name);
    if (!set) throw new Error(`no set ${name}`);
    return set;
  }

  #add(name: string, item: ElementJson, nowMs: number): void {
    const { elements, interval } = this.#set(name);
    const key = JSON.stringify(item.elem ? item.elem.val : item);
    const end = item.elem ? nowMs + item.elem.timeout * 1000 : Number.POSITIVE_INFINITY;
    const present = elements.get(key);
    if (present !== undefined && present > nowMs) {
      if (this.#movesEnds && item.elem) elements.set(key, end);
      return;
    }
    if (interval)
      for (const [other, until] of elements)
        if (until > nowMs && isInside(key, other)) throw new Error('overlap');
    elements.set(key, end);
  }

  #delete(name: string, item: ElementJson, nowMs: number): void {
    const { elements } = this.#set(name);
    const key = JSON.stringify(item.elem ? item.elem.val : item);
    if (!((elements.get(key) ?? 0) > nowMs)) throw new Error(`no element ${key} in ${name}`);
    elements.delete(key);
  }
}

/** Whether one `device . prefix . port` lies inside another; IPv4 in whole octets is all that the test makes. */
function isInside(one: string, other: string): boolean {
  const read = (text: string) => {
    const [device, net, port] = (JSON.parse(text) as { concat?: unknown[] }).concat ?? [];
    const { addr, len } = (net as { prefix?: { addr: string; len: number } } | undefined)?.prefix ?? {
      addr: '',
      len: 0,
    };
    return { rest: `${String(device)} ${String(port)}`, addr, octets: len / 8 };
  };
  const a = read(one);
  const b = read(other);
  const head = (addr: string) => addr.split('.').slice(0, b.octets).join('.');
  return b.addr !== '' && a.rest === b.rest && a.octets > b.octets && head(a.addr) === head(b.addr);
}
