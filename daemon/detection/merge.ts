import { type Acquaintance, maxGroups, type Profile, scoreAsUnknownAt, scoreAt } from './profile.ts';

/**
 * Adds what was gathered under an address to the device it turned out to be. Scores add up, as the logarithms they
 * are; a group met by both is met by the device. Relays known under the address are not taken over: they were learned
 * without knowing whose they are. Changes `into`; `from` must not be used any more.
 */
export function mergeProfile(into: Profile, from: Profile, nowMs: number): void {
  into.scoreAsUnknown = scoreAsUnknownAt(into, nowMs) + scoreAsUnknownAt(from, nowMs);
  into.score = scoreAt(into, nowMs) + scoreAt(from, nowMs);
  into.scoredAtMs = Math.max(into.scoredAtMs, nowMs);
  for (const [id, memory] of from.groups) {
    const own = into.groups.get(id);
    if (own) {
      own.M = merged(own.M, memory.M);
      own.S = merged(own.S, memory.S);
    } else if (into.groups.size < maxGroups) {
      into.groups.set(id, { ...memory, M: merged(undefined, memory.M), S: merged(undefined, memory.S) });
    }
  }
  into.accused ||= from.accused;
  into.handshakeAtMs = later(into.handshakeAtMs, from.handshakeAtMs);
  if (from.persistence.moments > into.persistence.moments) Object.assign(into.persistence, from.persistence);
  for (const [slot, messages] of from.volume.byHour.entries()) {
    if (from.volume.hour === into.volume.hour)
      into.volume.byHour[slot] = (into.volume.byHour[slot] ?? 0) + messages;
  }
}

function merged(own: Acquaintance | undefined, other: Acquaintance | undefined): Acquaintance | undefined {
  if (!own || !other) return own ?? (other && { ...other, known: false, deliveredAtMs: undefined });
  own.firstSeenMs = Math.min(own.firstSeenMs, other.firstSeenMs);
  own.lastSeenMs = Math.max(own.lastSeenMs, other.lastSeenMs);
  return own;
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
