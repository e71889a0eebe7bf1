/** What being listed says of a home. */
export type ListedState =
  /** Spam, or an infected device, was seen from the address. */
  | 'listed'
  /** A list of addresses that homes have: no accusation, and nothing to remove. */
  | 'normal';

/** What one return code of a list means. */
export interface CodeMeaning {
  readonly state: ListedState;
  /** For people, to follow the list's name. */
  readonly reason: string;
}

interface KnownList {
  readonly codes: (lastByte: number) => CodeMeaning;
  /** Where a person sees why, and asks for removal. */
  readonly link: (address: string) => string;
}

const spam: CodeMeaning = { state: 'listed', reason: 'spam was seen from it' };

/**
 * Spamhaus tells its lists apart by the last byte: 2 SBL, 3 CSS, 4 to 7 XBL, 9 DROP, 10 and 11 PBL
 * (https://www.spamhaus.org/faqs/dnsbl-usage/).
 */
function spamhaus(lastByte: number): CodeMeaning {
  if (lastByte === 2) return { state: 'listed', reason: 'SBL: it is known to send spam' };
  if (lastByte === 3) return { state: 'listed', reason: 'CSS: spam was seen from it a short time ago' };
  if (lastByte >= 4 && lastByte <= 7)
    return { state: 'listed', reason: 'XBL: something behind it is infected or taken over' };
  if (lastByte === 9) return { state: 'listed', reason: 'DROP: the whole network is held to be hostile' };
  if (lastByte === 10 || lastByte === 11)
    return {
      state: 'normal',
      reason: 'PBL: the provider says that no mail server belongs there; every home has that',
    };
  return { state: 'listed', reason: `code ${lastByte}` };
}

const spamhausLink = (address: string) => `https://check.spamhaus.org/results/?query=${address}`;
const spamhausList: KnownList = { codes: spamhaus, link: spamhausLink };

const lists: Readonly<Record<string, KnownList>> = {
  'zen.spamhaus.org': spamhausList,
  'sbl.spamhaus.org': spamhausList,
  'xbl.spamhaus.org': spamhausList,
  'sbl-xbl.spamhaus.org': spamhausList,
  'pbl.spamhaus.org': spamhausList,
  'bl.spamcop.net': { codes: () => spam, link: (address) => `https://www.spamcop.net/bl.shtml?${address}` },
  'b.barracudacentral.org': {
    codes: () => spam,
    link: (address) => `https://www.barracudacentral.org/lookups/lookup-reputation?ip_address=${address}`,
  },
};

/** What is known of a list, by its zone; of one that is not known every code says "listed", and nobody knows a link. */
export function knownList(zone: string): Partial<KnownList> & Pick<KnownList, 'codes'> {
  return lists[zone] ?? { codes: () => spam };
}
