import { type Prefix, parsePrefix } from '../../daemon/address/prefix.ts';
import type { Dns } from './dns.ts';

/** RFC 7208 allows ten lookups for a check; great providers spread over more, and nobody waits for us. */
const mostRecords = 40;

/** The senders that a domain's SPF record names. */
export interface Senders {
  readonly prefixes: readonly Prefix[];
  /** What could not be followed: macros, `ptr`, `exists`, a domain without a record. */
  readonly skipped: readonly string[];
}

/**
 * Reads the SPF record of a domain (RFC 7208) and all that it includes or redirects to. Only what passes counts. Rejects
 * where DNS fails.
 */
export async function readSpf(dns: Dns, domain: string): Promise<Senders> {
  const prefixes: Prefix[] = [];
  const skipped: string[] = [];
  const read = new Set<string>();
  await follow(domain);
  return { prefixes, skipped };

  async function follow(name: string): Promise<void> {
    if (read.has(name)) return;
    if (read.size >= mostRecords) {
      skipped.push(`${name}: too many records`);
      return;
    }
    read.add(name);
    const record = (await dns.texts(name)).find((text) => /^v=spf1(?: |$)/i.test(text));
    if (record === undefined) {
      skipped.push(`${name}: no SPF record`);
      return;
    }
    const terms = record.toLowerCase().split(/ +/).slice(1);
    for (const term of terms.filter((each) => each !== '')) await take(name, term, terms);
  }

  async function take(name: string, term: string, all: readonly string[]): Promise<void> {
    const [, qualifier, mechanism = '', value = ''] = /^([+?~-]?)([a-z0-9]+)[:=]?(.*)$/.exec(term) ?? [];
    const isPass = qualifier === '' || qualifier === '+';
    if (mechanism === 'all' || mechanism === 'exp' || !isPass) return;
    if (term.includes('%')) {
      skipped.push(`${name}: ${term}`);
      return;
    }
    switch (mechanism) {
      case 'ip4':
      case 'ip6':
        addPrefix(name, term, value);
        return;
      case 'include':
        await follow(value);
        return;
      case 'redirect':
        // Only where no mechanism matches, and `all` always does.
        if (!all.some((each) => /^[+?~-]?all$/.test(each))) await follow(value);
        return;
      case 'a':
      case 'mx':
        await addHosts(name, mechanism, value);
        return;
      default:
        skipped.push(`${name}: ${term}`);
    }
  }

  function addPrefix(name: string, term: string, value: string): void {
    const prefix = parsePrefix(value);
    if (prefix) prefixes.push(prefix);
    else skipped.push(`${name}: ${term}`);
  }

  /** `a`, `a:domain`, `a/24`, `a:domain/24//64`, and the same of `mx`. */
  async function addHosts(name: string, mechanism: 'a' | 'mx', value: string): Promise<void> {
    const [, given, length4 = '32', length6 = '128'] =
      /^([^/]*)(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(value) ?? [];
    const target = given ? given : name;
    const hosts = mechanism === 'a' ? [target] : await dns.exchangers(target);
    for (const host of hosts) {
      for (const address of await dns.addresses(host)) {
        const length = address.includes(':') ? length6 : length4;
        addPrefix(name, mechanism, `${address}/${length}`);
      }
    }
  }
}

/** The addresses of the domain's exchangers. Rejects where DNS fails. */
export async function readMx(dns: Dns, domain: string): Promise<readonly Prefix[]> {
  const hosts = await dns.exchangers(domain);
  const addresses = (await Promise.all(hosts.map((host) => dns.addresses(host)))).flat();
  return addresses.flatMap((address) => parsePrefix(address) ?? []);
}
