import type { Relation } from './table.ts';

/** Groups that are not known and active on one port class in 24 hours, the present one included, from which on a device roams. */
export const roamingGroups = 3;

/** What the memory says of the group at the moment of a contact. */
export interface Standing {
  /** Contacted on this port class within 30 days. */
  readonly seen: boolean;
  /** One of the device's own relays on this port class. */
  readonly known: boolean;
  /**
   * On M, another server of a provider of mailboxes. Without this a bot that mails one provider's exchangers all day
   * makes one N and then only O.
   */
  readonly newExchanger: boolean;
  /** It took this device's mail since the last trouble: nobody who roams comes back to those. */
  readonly delivered: boolean;
  /** Groups not known that were active on the port class in 24 hours, this one included. */
  readonly strangeGroups: number;
}

/** The relation that the standing amounts to. */
export function relationOf({ seen, known, newExchanger, delivered, strangeGroups }: Standing): Relation {
  if (known) return 'K';
  if (!seen) return 'N';
  return newExchanger || (strangeGroups >= roamingGroups && !delivered) ? 'A' : 'O';
}
