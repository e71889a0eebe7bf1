import { type MailPort, mailPorts } from '../conntrack/flow.ts';
import { pardon } from '../detection/profile.ts';
import { recordsBehind } from './ban-on.ts';
import { expireConditions } from './conditions.ts';
import type { DeviceRecord } from './device-record.ts';
import { askForDoors } from './doors.ts';
import { expireBan } from './hold.ts';
import { announce, closeIncident, tell, tellSummary } from './incidents.ts';
import { watchBlocklists } from './on-blocklists.ts';
import { timeOutFlows } from './on-flow.ts';
import { watchUpstream } from './on-upstream.ts';
import { watchHold } from './on-verified.ts';
import type { State, Turn } from './state.ts';

/** How often what is read. Reading costs a process each, so nothing is read that nobody needs. */
const everyMs = {
  /** While an incident is open or a strict device exists. */
  attempts: 2_000,
  overruns: 10_000,
  ledger: 10_000,
  flows: 10_000,
  identity: 30_000,
  names: 300_000,
  /** Ends of relays in daily use move, and nothing else may ever change the ruleset or the documents. */
  relays: 21_600_000,
} as const;

/** The table is listed every 5 s to see whether it is as it should be: ledger and overruns are in that listing too. */
const oldReadingMs = 5_500;
/** An incident is quiet when nothing was refused for so long, and nothing spoke against the device; without a ban it then closes. */
const quietMs = 600_000;
const yearMs = 366 * 86_400_000;
/** A clock that is set moves by less than this. */
const dateToleranceMs = 60_000;
/**
 * The most of a score that outlives a ban, between the two thresholds: a bot that goes on is blocked at its first
 * strange server on port 25, and an honest device's own relays have it down to nothing within a few mails.
 */
const leftAfterBan = 6.9;
/** "Still trying" is told when attempts grew tenfold since it was told last. */
const tryingFactor = 10;

/** Whatever time brings: ends, readings that are due, and what people are told about both. */
export function onTick(turn: Turn): void {
  const { state } = turn;
  expirePause(turn);
  expireConditions(turn);
  watchUpstream(turn);
  watchBlocklists(turn);
  timeOutFlows(turn);
  for (const record of state.records.values()) expireRecord(turn, record);
  tellSummary(turn);
  if (due(turn, 'relays', everyMs.relays)) {
    turn.rulesetChanged = true;
    // What counts a day, and the score, shrink while nothing happens.
    for (const key of state.records.keys()) turn.changed.add(key);
    state.statusDirty = true;
  }
  askForReadings(turn);
}

function expirePause(turn: Turn): void {
  const { state, at } = turn;
  if (state.pausedUntilMs === undefined || at.nowMs < state.pausedUntilMs) return;
  state.pausedUntilMs = undefined;
  turn.rulesetChanged = true;
  announce(turn, 'guard_resumed', {});
}

function expireRecord(turn: Turn, record: DeviceRecord): void {
  const { nowMs } = turn.at;
  keepDate(turn, record);
  if (record.ban?.endMs !== undefined && nowMs >= record.ban.endMs) {
    for (const { profile } of [record, ...recordsBehind(turn.state, record.key)])
      pardon(profile, leftAfterBan, nowMs);
    expireBan(turn, record);
  }
  if (record.releasedUntilMs !== undefined && nowMs >= record.releasedUntilMs) {
    record.releasedUntilMs = undefined;
    turn.rulesetChanged = true;
    turn.changed.add(record.key);
  }
  if (record.allowances.some(({ endMs }) => endMs !== undefined && nowMs >= endMs)) {
    record.allowances = record.allowances.filter(({ endMs }) => endMs === undefined || nowMs < endMs);
    turn.rulesetChanged = true;
  }
  watchHold(turn, record);
  if (record.incident !== undefined) followIncident(turn, record);
}

/**
 * A ban that an earlier boot left was given what it had left when that was saved, since a router often learns only
 * minutes after a restart how long it was off. A date of another year is not believed.
 */
function keepDate(turn: Turn, record: DeviceRecord): void {
  const { ban } = record;
  if (ban?.endMs === undefined || ban.endWallMs === undefined) return;
  const leftMs = ban.endWallMs - turn.at.wallMs;
  const endMs = turn.at.nowMs + leftMs;
  if (leftMs < -yearMs || ban.endMs - endMs < dateToleranceMs) return;
  record.ban = { ...ban, endMs };
  turn.rulesetChanged = true;
  turn.changed.add(record.key);
}

function followIncident(turn: Turn, record: DeviceRecord): void {
  const { state, at } = turn;
  const incident = state.incidents.get(record.incident ?? '');
  if (!incident) return;
  askForDoors(turn, record);
  if (incident.refused >= Math.max(10, record.refusedTold * tryingFactor) && record.ban) {
    record.refusedTold = incident.refused;
    tell(turn, record, 'still_trying');
  }
  const lastMs = Math.max(record.lastAttemptMs ?? 0, record.lastSuspectMs ?? 0, record.ban?.sinceMs ?? 0);
  if (at.nowMs - lastMs < quietMs || record.releasedUntilMs !== undefined) return;
  if (record.ban === undefined) closeIncident(turn, record);
  else if (incident.steps.at(-1)?.type !== 'quiet') tell(turn, record, 'quiet');
}

function askForReadings(turn: Turn): void {
  const { state, effects } = turn;
  const sets: ('ledger' | 'attempts' | 'overruns')[] = [];
  const hasMail = state.records.size > 0 || state.waiting.length > 0;
  if (due(turn, 'ledger', everyMs.ledger)) sets.push('ledger');
  if (needsAttempts(state) && due(turn, 'attempts', everyMs.attempts)) sets.push('attempts');
  if (due(turn, 'overruns', everyMs.overruns)) sets.push('overruns');
  if (sets.length > 0) effects.push({ type: 'read', sets, maxAgeMs: oldReadingMs });
  // Where no event ever comes, listings are all there is.
  const isDeaf = state.conditions.has('no_events');
  const ports: MailPort[] = isDeaf ? [...mailPorts] : [];
  for (const { dport } of state.flows.live.values()) if (!ports.includes(dport)) ports.push(dport);
  if (ports.length > 0 && due(turn, 'flows', everyMs.flows))
    effects.push({ type: 'list', ports, all: isDeaf || !state.maskEvents });
  const hosts = relayHosts(state);
  if (hosts.length > 0 && due(turn, 'names', everyMs.names)) effects.push({ type: 'resolve', hosts });
  if (hasMail ? due(turn, 'identity', everyMs.identity) : due(turn, 'identity', 10 * everyMs.identity)) {
    effects.push({ type: 'identify', afterMs: 0 });
  }
}

const noHosts: string[] = [];

/** Host names among the configured relays, at most 64. */
function relayHosts({ config }: State): string[] {
  let hosts: Set<string> | undefined;
  for (const { relays } of config.devices)
    for (const { host } of relays) if (host !== undefined) hosts = (hosts ?? new Set()).add(host);
  return hosts ? [...hosts].slice(0, 64) : noHosts;
}

/** Attempts are read while somebody is held or under suspicion, and where strict devices may be refused unseen. */
function needsAttempts(state: State): boolean {
  const { config } = state;
  if (config.networks.some((network) => network.class === 'iot')) return true;
  if (config.devices.some((rule) => rule.class === 'iot')) return true;
  for (const record of state.records.values()) if (record.incident !== undefined || record.ban) return true;
  return false;
}

function due(turn: Turn, what: keyof State['done'], everyMs: number): boolean {
  const { done } = turn.state;
  if (done[what] !== 0 && turn.at.nowMs - done[what] < everyMs) return false;
  done[what] = turn.at.nowMs;
  return true;
}
