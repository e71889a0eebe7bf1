import { Resolver } from 'node:dns/promises';

/** What is asked of DNS. A name that does not exist, or has no such record, has none; a server that fails rejects. */
export interface Dns {
  texts(name: string): Promise<readonly string[]>;
  exchangers(name: string): Promise<readonly string[]>;
  addresses(name: string): Promise<readonly string[]>;
}

/** DNS by the system's resolver, or by the servers given (`192.0.2.1`, `192.0.2.1:5353`). */
export function systemDns(servers: readonly string[]): Dns {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    texts: async (name) => (await orNone(resolver.resolveTxt(name))).map((parts) => parts.join('')),
    exchangers: async (name) => (await orNone(resolver.resolveMx(name))).map(({ exchange }) => exchange),
    async addresses(name) {
      const both = await Promise.all([orNone(resolver.resolve4(name)), orNone(resolver.resolve6(name))]);
      return both.flat();
    },
  };
}

async function orNone<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw error;
  }
}
