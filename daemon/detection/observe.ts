import type { DeviceClass } from '../config/config.ts';
import { settle } from './known.ts';
import { remember } from './memory.ts';
import { notePersistence } from './persistence.ts';
import { addEvidence, dayMs, type Profile, strangeGroupsOn } from './profile.ts';
import type { Group } from './providers.ts';
import { relationOf } from './relation.ts';
import { type Cell, cellLlr, type Outcome, outcomeLlr, type PortClass, type Relation } from './table.ts';

/** One contact with a mail server, at the time of its first packet. */
export interface Observation {
  readonly portClass: PortClass;
  readonly group: Group;
  /** The server's, canonical text. */
  readonly address: string;
  /** The owner allows this very destination: K, without a place in the memory. */
  readonly allowed?: boolean;
  /** The kernel refused it. It weighs the same, and shows that attempts go on even where it is a mere retry. */
  readonly refused?: boolean;
}

/** What one piece of evidence did to the score. Adding up the `llr` of a device's steps explains its verdict. */
export interface Step {
  readonly cell: Cell;
  readonly portClass: PortClass;
  readonly relation: Relation;
  /** The group's id. */
  readonly group: string;
  /** Another server of a provider of mailboxes: why an A can come without roaming. */
  readonly newExchanger: boolean;
  /** Groups not known that were active on the port class in 24 hours, this one included unless it is known. */
  readonly strangeGroups: number;
  /** Set where the step is the end of a flow rather than its first packet. */
  readonly outcome?: Outcome;
  readonly llr: number;
  /** The score just before and after, decay included. */
  readonly before: number;
  readonly after: number;
}

/** Takes one contact as evidence. Changes the profile. */
export function observe(profile: Profile, seen: Observation, deviceClass: DeviceClass, nowMs: number): Step {
  const standing = seen.allowed ? allowedStanding : standingOf(profile, seen, deviceClass, nowMs);
  const relation = relationOf(standing);
  const cell = cells[seen.portClass][relation];
  const llr = cellLlr(cell, deviceClass);
  if (relation === 'N' || relation === 'A' || (seen.refused && relation === 'O'))
    notePersistence(profile.persistence, nowMs);
  const { newExchanger, strangeGroups } = standing;
  const { portClass } = seen;
  const { before, after } = addEvidence(profile, llr, nowMs, cellLlr(cell, 'unknown'));
  const group = seen.group.id;
  return { cell, portClass, relation, group, newExchanger, strangeGroups, llr, before, after };
}

/** Put together once: every contact needs one. */
const cells: Readonly<Record<PortClass, Readonly<Record<Relation, Cell>>>> = {
  M: { N: 'M,N', A: 'M,A', O: 'M,O', K: 'M,K' },
  S: { N: 'S,N', A: 'S,A', O: 'S,O', K: 'S,K' },
};

const allowedStanding = { seen: true, known: true, newExchanger: false, delivered: true, strangeGroups: 0 };

function standingOf(profile: Profile, seen: Observation, deviceClass: DeviceClass, nowMs: number) {
  const { portClass, group, address } = seen;
  const { met, seen: before, newExchanger } = remember(profile, portClass, group, address, nowMs);
  const known = settle(profile, group.id, portClass, deviceClass, nowMs);
  const delivered = met.deliveredAtMs !== undefined;
  return {
    seen: before,
    known,
    newExchanger,
    delivered,
    strangeGroups: strangeGroupsOn(profile, portClass, dayMs, nowMs),
  };
}

/** Takes the end of a flow as evidence; `contact` is the step of its first packet. Changes the score only. */
export function observeOutcome(
  profile: Profile,
  contact: Step,
  outcome: Outcome,
  deviceClass: DeviceClass,
  nowMs: number,
): Step {
  const llr = outcomeLlr(contact.portClass, contact.relation, outcome, deviceClass);
  const { cell, portClass, relation, group, newExchanger, strangeGroups } = contact;
  const { before, after } = addEvidence(profile, llr, nowMs);
  return { cell, portClass, relation, group, newExchanger, strangeGroups, outcome, llr, before, after };
}

/** Notes a completed handshake: no forged SYN does that. */
export function noteHandshake(profile: Profile, nowMs: number): void {
  profile.handshakeAtMs = nowMs;
}
