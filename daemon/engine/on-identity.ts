import { type DeviceKey, keyOfMac } from '../address/device-key.ts';
import { mergeProfile } from '../detection/merge.ts';
import type { LedgerRow } from '../enforcement/reading.ts';
import { hostKey, leaseOf, noteCarriers } from '../identity/carriers.ts';
import { spokeMs } from '../identity/claims.ts';
import { conflictsOf } from '../identity/conflicts.ts';
import { type Merge, unheardAddresses } from '../identity/directory.ts';
import { feedLeases, feedLedger, feedNeighbours } from '../identity/feed.ts';
import type { Lease, Neighbour } from '../identity/sighting.ts';
import { isStronger } from '../policy/ban.ts';
import { mergedCheckpoint } from './checkpoint.ts';
import { condition } from './conditions.ts';
import {
  addLedgerMarks,
  type DeviceRecord,
  maxAllowances,
  maxEvidence,
  maxLearned,
} from './device-record.ts';
import { isReleased } from './hold.ts';
import { closeIncident } from './incidents.ts';
import { knownKeys } from './known-devices.ts';
import { retryWaiting } from './on-flow.ts';
import { noteForgotten } from './records.ts';
import type { Turn } from './state.ts';
import { whoIs } from './who.ts';

const hourMs = 3_600_000;

/** Takes in the neighbour table: who has which address. Rows of upstream networks are not of this home. */
export function onNeighbours(turn: Turn, rows: readonly Neighbour[]): void {
  const { state, at } = turn;
  const outside = state.config.networks
    .filter(({ role }) => role === 'upstream')
    .flatMap(({ interfaces }) => interfaces);
  const inside = rows.filter((row) => !outside.includes(row.interface));
  const gateways = inside.filter(({ gateway }) => gateway);
  state.gateways = new Set(gateways.flatMap(({ address, mac }) => [keyOfMac(mac), address as DeviceKey]));
  feed(turn, () => feedNeighbours(state.directory, inside, at.nowMs));
  state.done.identity = at.nowMs;
}

/** Takes in the leases. Who has one when the daemon starts is no stranger: it was there before. */
export function onLeases(turn: Turn, rows: readonly Lease[]): void {
  const { state, at } = turn;
  feed(turn, () => {
    const merges = feedLeases(state.directory, rows, at.nowMs);
    if (state.done.leases === 0) {
      for (const device of state.directory.devices.values()) {
        if (device.leasedSinceMs !== undefined) device.leasedSinceMs = at.nowMs - hourMs;
      }
    }
    return merges;
  });
  state.done.leases = at.nowMs;
}

/** Takes in what the ledger says of addresses: the packets themselves. */
export function onLedgerIdentity(turn: Turn, rows: readonly LedgerRow[]): void {
  const { state, at } = turn;
  feed(turn, () => feedLedger(state.directory, rows, at.nowMs, !state.ledgerRead));
}

/** After every feeding nothing kept about who is who holds any longer, and what was waiting may be known now. */
function feed(turn: Turn, into: () => readonly Merge[]): void {
  const { state } = turn;
  const known = knownSignature(turn);
  const merges = into();
  noteCarriers(state.directory.carriers, state.directory.claims, turn.at.nowMs);
  state.who.clear();
  state.known = undefined;
  state.lastAddresses = undefined;
  for (const { address, from, to } of merges)
    mergeRecords(turn, from, hostKey(state.directory.carriers, to, address));
  for (const { from, to } of misnamed(turn)) mergeRecords(turn, from, to);
  retryWaiting(turn);
  if (knownSignature(turn) !== known) turn.rulesetChanged = true;
  const conflicts = conflictsOf(state.directory.conflicts);
  const names = conflicts.flatMap(({ keys }) => keys.map((key) => whoIs(state, key).name));
  condition(
    turn,
    'identity_conflict',
    conflicts.length > 0,
    [...new Set(names)].slice(0, 4).join(', ') || undefined,
  );
}

/** A record made later than that may be of a lease that was taken for its device. */
const mistakenMs = 60_000;

/**
 * Those behind a carrier that were taken for the MAC in their lease just now, before anything was heard of them. Not one
 * that ever spoke by that MAC: anybody can ask for a lease in another's name.
 */
function misnamed({ state, at }: Turn): { from: DeviceKey; to: DeviceKey }[] {
  const { carriers, claims } = state.directory;
  const speaks = (key: DeviceKey) =>
    [...claims.values()].some((list) => list.some((claim) => claim.key === key && spokeMs(claim) > never));
  return [...carriers].flatMap(([carrier, { hosts }]) =>
    [...hosts.keys()].flatMap((address) => {
      const from = leaseOf(claims.get(address))?.key;
      const record = from && from !== carrier ? state.records.get(from) : undefined;
      const isNew = record && at.nowMs - record.firstSeenMs <= mistakenMs && !speaks(record.key);
      return isNew ? [{ from: record.key, to: address as DeviceKey }] : [];
    }),
  );
}

const never = Number.NEGATIVE_INFINITY;

/**
 * Changes when the set of known devices or the class of one of them may have: then the kernel's budgets follow; or when one
 * is heard that is held by the address of its lease.
 */
function knownSignature(turn: Turn): string {
  const { records, directory } = turn.state;
  const { nowMs } = turn.at;
  const addresses = unheardAddresses(directory, nowMs);
  const unheard = [...records.values()].flatMap(({ key, ban }) => (ban && addresses.get(key)) ?? []);
  return knownKeys(turn)
    .map((key) => `${key}${whoIs(turn.state, key).class === 'iot' ? '!' : ''}`)
    .concat(unheard)
    .join();
}

/** A device kept by its address turned out to have a MAC: everything about it moves there. */
function mergeRecords(turn: Turn, from: DeviceKey, to: DeviceKey): void {
  const { records, incidents, flowDevices } = turn.state;
  const old = records.get(from);
  if (!old || from === to) return;
  const present = records.get(to);
  if (present?.incident !== undefined) closeIncident(turn, old);
  // The kernel counts what it refuses of a MAC anew; what it counted of the address stays there for an hour, and is known.
  noteForgotten(turn.state, old);
  const merged: DeviceRecord = present
    ? combine(present, old, turn.at.nowMs)
    : { ...old, key: to, attemptMarks: new Map(), overrunMark: 0 };
  records.delete(from);
  records.set(to, merged);
  for (const incident of incidents.values()) {
    if (incident.key === from) incidents.set(incident.id, { ...incident, key: to });
  }
  for (const [flow, entry] of flowDevices)
    if (entry.key === from) flowDevices.set(flow, { ...entry, key: to });
  const { unproven } = turn.state.upstream;
  if (unproven.delete(from)) unproven.add(to);
  turn.changed.add(from).add(to);
  turn.rulesetChanged = true;
}

/** The evidence of both: scores add up, since each observation was made once; the stronger ban stays. */
function combine(device: DeviceRecord, old: DeviceRecord, nowMs: number): DeviceRecord {
  device.unproven = mergedCheckpoint(device, old, nowMs);
  mergeProfile(device.profile, old.profile, nowMs);
  if (old.ban && !isReleased(device, nowMs) && isStronger(old.ban.hold, device.ban?.hold))
    device.ban = old.ban;
  device.asked ??= old.asked;
  device.incident ??= old.incident;
  device.connections += old.connections;
  device.withoutEvent += old.withoutEvent;
  device.refused += old.refused;
  addLedgerMarks(device, old.ledgerMarks);
  device.allowances = [...old.allowances, ...device.allowances].slice(-maxAllowances);
  device.pinned ||= old.pinned;
  const learned = old.learned.map((relay) => ({ ...relay, open: false }));
  device.learned = [...device.learned, ...learned].slice(-maxLearned);
  const lines = [...old.evidence, ...device.evidence];
  device.evidence = lines.slice(-maxEvidence);
  device.earlierEvidence += old.earlierEvidence + lines.length - device.evidence.length;
  device.lastMailMs = Math.max(device.lastMailMs ?? 0, old.lastMailMs ?? 0);
  return device;
}
