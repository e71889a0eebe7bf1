import { knownList } from './known-lists.ts';
import type { Listing } from './listing.ts';

/** What the resolver said of one name: addresses (none: there is no such name), or why there is no answer. */
export type Answered = { readonly addresses: readonly string[] } | { readonly failed: string };

type Verdict = Pick<Listing, 'state' | 'reason'>;

/** Spamhaus answers these instead of a listing; no list may mean "listed" by them. */
const refusals: Readonly<Record<string, string>> = {
  '127.255.255.252': 'the name of the list is misspelt',
  '127.255.255.254':
    "the list does not answer public resolvers: let the router ask by itself, or its provider's resolver",
  '127.255.255.255': 'too many were asked by this resolver',
};

/**
 * Whether the list answers questions from here at all, by what it says of the address that every list has listed;
 * undefined if it does.
 */
export function cannotAsk(test: Answered): string | undefined {
  if ('failed' in test) return test.failed;
  const refusal = refusalIn(test.addresses);
  if (refusal !== undefined) return refusal;
  if (test.addresses.some(isListing)) return undefined;
  return test.addresses.length > 0
    ? 'the resolver answers with addresses of its own'
    : 'it does not know its own test address: it is gone, or the resolver hides its answers (rebind_localhost)';
}

/** What a list says of an address, where {@link cannotAsk} has nothing against it. */
export function readAnswer(zone: string, answered: Answered): Verdict {
  if ('failed' in answered) return { state: 'unknown', reason: answered.failed };
  const refusal = refusalIn(answered.addresses);
  if (refusal !== undefined) return { state: 'unknown', reason: refusal };
  const listings = answered.addresses.filter(isListing);
  if (listings.length === 0)
    return answered.addresses.length > 0
      ? { state: 'unknown', reason: 'the resolver answers with addresses of its own' }
      : { state: 'clear' };
  const { codes } = knownList(zone);
  const meanings = listings.map((address) => codes(Number(address.split('.')[3])));
  const accusing = meanings.filter(({ state }) => state === 'listed');
  const told = accusing.length > 0 ? accusing : meanings;
  return {
    state: accusing.length > 0 ? 'listed' : 'normal',
    reason: [...new Set(told.map(({ reason }) => reason))].join('; '),
  };
}

/** A list answers with addresses of 127.0.0.0/8; 127.255.255.0/24 are refusals, and 127.0.0.1 means nothing. */
const isListing = (address: string) =>
  address.startsWith('127.') && !address.startsWith('127.255.255.') && address !== '127.0.0.1';

function refusalIn(addresses: readonly string[]): string | undefined {
  const found = addresses.find((address) => address.startsWith('127.255.255.'));
  return found && (refusals[found] ?? `the list refuses to answer (${found})`);
}
