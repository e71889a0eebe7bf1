/** What one list says of one address of the home. */
export interface Listing {
  /** The list's zone: `zen.spamhaus.org`. */
  readonly list: string;
  readonly address: string;
  /** `normal`: a list of addresses that homes have; `unknown`: the list cannot be asked from here, or not now. */
  readonly state: 'clear' | 'listed' | 'normal' | 'unknown';
  /** For people: what the list holds against it, or why it cannot be asked. */
  readonly reason?: string;
  /** Where a person sees why, and asks for removal. */
  readonly link?: string;
}

/** What came of asking every list. */
export interface LookUp {
  /** The public address is not the home's own (CGNAT, a router in front). */
  readonly shared: boolean;
  /** Bounded by the number of lists and two addresses. */
  readonly listings: readonly Listing[];
}
