import { routerKey } from '../address/device-key.ts';
import type { MailPort } from '../conntrack/flow.ts';
import { explainStep } from '../detection/explain.ts';
import { type FanOut, unlearnServices } from '../detection/fan-out.ts';
import { observe, type Step } from '../detection/observe.ts';
import { portClassOf } from '../detection/table.ts';
import { decide } from '../policy/decide.ts';
import { isAllowed } from './allowed.ts';
import { banOn } from './ban-on.ts';
import { type DeviceRecord, noteEvidence } from './device-record.ts';
import { autoBans, confirmBan, holdByGuard, isReleased, makePlace } from './hold.ts';
import { count } from './hourly.ts';
import { tell } from './incidents.ts';
import { dayAndTime } from './iso-time.ts';
import { groupAt } from './names.ts';
import { recordOf } from './records.ts';
import type { Turn } from './state.ts';
import { thresholdsFor } from './thresholds.ts';
import { beforeContact } from './upstream.ts';
import { isOneTooMany, verdictFor } from './verdict-for.ts';
import { whoIs } from './who.ts';
import type { Who } from './who-record.ts';

/** One contact of a device with a mail server: a flow that opened, or an attempt that the kernel refused. */
export interface Contact {
  readonly address: string;
  readonly port: MailPort;
  readonly refused: boolean;
  /** It waited for its answer, since nobody got any: see upstream.ts. */
  readonly answered?: boolean;
}

/** Takes a contact as evidence and acts on the verdict. Returns the step, or undefined where the contact does not score. */
export function contact(turn: Turn, record: DeviceRecord, seen: Contact): Step | undefined {
  const portClass = portClassOf(seen.port);
  const who = whoIs(turn.state, record.key);
  const isSilent = who.exempt || (who.class === 'mailserver' && portClass === 'M');
  const { upstream } = turn.state;
  if (portClass === undefined || isSilent || (upstream.closed && !seen.answered)) return undefined;
  const { nowMs, wallMs } = turn.at;
  // What the kernel refused never left, and nobody could have answered it.
  if (!seen.refused) beforeContact(upstream, record, nowMs);
  const step = observe(
    record.profile,
    {
      portClass,
      group: groupAt(turn, record, seen.address),
      address: seen.address,
      allowed: isAllowed(turn, record, seen.address, seen.port),
      refused: seen.refused,
    },
    who.class,
    nowMs,
  );
  if (step.llr > 0) record.lastSuspectMs = nowMs;
  // Once it is blocked the case is made: what led there stays readable.
  const isDecided = record.ban?.hold === 'blocked' || record.ban?.hold === 'quarantined';
  if (step.llr > 0 && !isDecided) {
    const thresholds = thresholdsFor(turn, record);
    const { address, port } = seen;
    const domain = turn.state.labels.get(address);
    const words = explainStep(step, { address, port, domain, noun: who.noun, thresholds });
    noteEvidence(record, `${dayAndTime(wallMs)} ${seen.refused ? 'refused: ' : ''}${words}`);
  }
  judge(turn, record, who);
  if (step.llr > 0 && !seen.refused && record.incident !== undefined) {
    count(turn.state.week.suspicious, 1, nowMs);
  }
  return step;
}

/** Turns the device's score into an action, if it asks for one. */
export function judge(turn: Turn, record: DeviceRecord, who: Who = whoIs(turn.state, record.key)): void {
  const { state, at } = turn;
  if (who.behind !== undefined && isOneTooMany(turn, who.behind)) {
    const carrier = recordOf(turn, who.behind);
    // What the outage took back of the one must not stay with the other.
    if (record.unproven.length > 0) beforeContact(state.upstream, carrier, at.nowMs);
    judge(turn, carrier);
  }
  const verdict = verdictFor(turn, record, who);
  if (verdict.decision === 'none') return;
  // Held with its MAC as a whole: who takes many addresses must not use up the bans that others need.
  const shared = record.ban ? undefined : banOn(state, record);
  if (shared && shared.hold !== 'slowed') return;
  const isProven = verdict.proof !== 'none';
  if (isProven) confirmBan(turn, record);
  const { act, limit } = decide({
    verdict: verdict.decision,
    class: who.class,
    rule: who.rule,
    exempt: who.exempt,
    held: record.ban?.hold,
    released: isReleased(record, at.nowMs),
    conflict: who.conflict,
    autoBans: autoBans(state, isProven),
    maxBans: state.config.maxBans,
  });
  switch (act) {
    case 'nothing':
      return;
    case 'tell':
      if (at.nowMs < record.toldUntilMs) return;
      record.toldUntilMs = at.nowMs + tellAgainMs;
      tell(turn, record, 'told', { note: noteOf(record, who, limit) });
      return;
    case 'slow':
      holdByGuard(turn, record, 'slowed', true, limitNotes.max_bans);
      return;
    case 'restrict':
      if (isProven) makePlace(turn, record);
      if (verdict.fanOut) noteFanOut(turn, record, verdict.fanOut);
      holdByGuard(turn, record, 'restricted', isProven, sharedNote(who));
      return;
    case 'block':
      makePlace(turn, record);
      holdByGuard(turn, record, 'blocked', true, sharedNote(who));
      return;
  }
}

/** Why a hold is by address, or hits more than one. */
function sharedNote({ behind, carries }: Who): string | undefined {
  if (behind !== undefined) return 'Others have the same MAC, so it is held by its address.';
  return carries > 0 ? `It has one MAC with ${carries} devices, and all of them are held.` : undefined;
}

/** Says what the arm for rotated relays saw, and takes from the device what it may have stolen. */
function noteFanOut(turn: Turn, record: DeviceRecord, { newGroups, limit }: FanOut): void {
  const { nowMs, wallMs } = turn.at;
  unlearnServices(record.profile, nowMs);
  // The kernel closes their doors: one that is known again is to be opened again.
  for (const relay of record.learned) relay.open = false;
  noteEvidence(
    record,
    `${dayAndTime(wallMs)} ${newGroups} new submission services in a day, ${limit} would be usual at most`,
  );
}

/** The same notice is not given again within an hour. */
const tellAgainMs = 3_600_000;

function noteOf({ key }: DeviceRecord, { gateway }: Who, limit: Limit | undefined): string | undefined {
  if (key === routerKey)
    return 'It is the router itself, and nothing on it can hold it. See what sends mail there; what was broken into must be set up anew.';
  return gateway
    ? 'A route leads through it, so it is not held: others would lose their way.'
    : limit && limitNotes[limit];
}

type Limit = keyof typeof limitNotes;

const limitNotes = {
  exempt: '',
  released: '',
  rule: 'You chose that Postern only tells about this device.',
  conflict: 'Two devices claim its identity, so nothing was done to it: anybody may have forged this.',
  max_bans: 'As many devices as allowed are held already, so it is only slowed down.',
} as const;
