import { type Ask, lookUp } from './blocklists/look-up.ts';
import type { Answered } from './blocklists/read-answer.ts';
import type { Running } from './main-running.ts';

/** A resolver that is slow to recurse gets its time; nobody waits for it. */
const timeoutMs = 5000;

/** Error codes of c-ares that mean: there is no such name, or no address of it. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

const words: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer in time',
  EREFUSED: 'the resolver refused to ask',
  ESERVFAIL: 'the resolver could not find out',
  ECONNREFUSED: 'the resolver does not answer',
};

/**
 * Asks the configured blocklists for the home's own addresses and tells the engine. A file of its own beside the
 * bundle: most homes do not want it, and it is wanted once a day.
 */
export async function tellBlocklists(running: Running): Promise<void> {
  const { blocklists, blocklistResolver, networks } = running.state.config;
  const { Resolver } = process.getBuiltinModule('node:dns/promises');
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (blocklistResolver !== undefined) resolver.setServers([blocklistResolver]);
  const ask: Ask = (name) =>
    resolver.resolve4(name).then(
      (addresses): Answered => ({ addresses }),
      (error: NodeJS.ErrnoException): Answered =>
        nothing.has(error.code ?? '')
          ? { addresses: [] }
          : { failed: words[error.code ?? ''] ?? String(error.code) },
    );
  const found = await lookUp(blocklists, networks, ask);
  if (!running.stopped) running.dispatch({ type: 'looked_up', ...found });
}
