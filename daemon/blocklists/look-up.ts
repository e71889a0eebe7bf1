import type { Network } from '../config/config.ts';
import { knownList } from './known-lists.ts';
import type { Listing, LookUp } from './listing.ts';
import { publicAddresses } from './public-addresses.ts';
import { queryName, testPoints } from './query-name.ts';
import { type Answered, cannotAsk, readAnswer } from './read-answer.ts';

/** Asks the router's resolver for the IPv4 addresses of a name. Never rejects. */
export type Ask = (name: string) => Promise<Answered>;

/**
 * What every list says of the home's public addresses: three questions to each at most, one after the other. The
 * first is for the address that every list has listed: who does not say so cannot be believed when it says "clear".
 */
export async function lookUp(
  lists: readonly string[],
  networks: readonly Network[],
  ask: Ask,
): Promise<LookUp> {
  const { addresses, shared } = publicAddresses(networks);
  const listings: Listing[] = [];
  for (const list of addresses.length > 0 ? lists : []) {
    const trouble = cannotAsk(await ask(`${queryName(testPoints.listed, list)}`));
    for (const address of addresses) {
      const verdict: Pick<Listing, 'state' | 'reason'> =
        trouble === undefined
          ? readAnswer(list, await ask(`${queryName(address, list)}`))
          : { state: 'unknown', reason: trouble };
      const link = verdict.state === 'listed' ? knownList(list).link?.(address) : undefined;
      listings.push({ list, address, ...verdict, ...(link === undefined ? {} : { link }) });
    }
  }
  return { shared, listings };
}
