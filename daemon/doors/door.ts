/** What made a way in: an owner's port forward, a device's own request by UPnP, or a rule of the firewall for an IPv6 address. */
export type DoorKind = 'port forward' | 'UPnP' | 'firewall rule';

/** One way from the internet to a device, as the firewall's rules have it. All of it is fit to be shown. */
export interface Door {
  readonly kind: DoorKind;
  /** `tcp`, `udp`, `tcp, udp` or `any`. */
  readonly protocol: string;
  /** Outside: `8080`, `5000-5010`, `80, 443`, or `all`. */
  readonly ports: string;
  /** Inside, as the device has it now. */
  readonly address: string;
  /** Inside, where it is another one than outside. */
  readonly port?: string;
  /** What its owner or, by UPnP, the device calls it. */
  readonly name?: string;
}

/** Doors told of one device; more are counted. */
export const maxDoors = 8;

/** What was found for one device. */
export interface FoundDoors {
  /** At most {@link maxDoors}. */
  readonly doors: readonly Door[];
  /** How many more there are. */
  readonly omitted: number;
  /** Why the rules could not be read, as far as they could not: then `doors` says nothing or not all. */
  readonly unread?: string;
  /** What leads to it, as a sentence, and what to do about it; absent where nothing does. */
  readonly text?: string;
  readonly remedy?: string;
}
