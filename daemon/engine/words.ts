import type { Hold } from '../policy/ban.ts';
import type { EventType } from '../policy/incident.ts';

/** How a device is named to people: its name, and who made it where that adds something. */
export interface Named {
  readonly name: string;
  readonly vendor?: string | undefined;
  readonly address?: string | undefined;
}

/** "camera (Reolink, 192.168.1.20)". */
export function spoken({ name, vendor, address }: Named): string {
  const details = [vendor && !name.toLowerCase().includes(vendor.toLowerCase()) ? vendor : '', address ?? ''];
  const inner = details.filter((detail) => detail !== '' && !name.includes(detail)).join(', ');
  if (inner === '') return name;
  return name.endsWith(')') ? `${name.slice(0, -1)}, ${inner})` : `${name} (${inner})`;
}

/** " for 10 min", " until the router restarts"; nothing where there is no end. */
function spokenSpan(ms: number | undefined): string {
  if (ms === undefined) return '';
  return Number.isFinite(ms) ? ` for ${spokenDuration(ms)}` : ' until the router restarts';
}

/** "50 s", "10 min", "6 h", "7 days". */
export function spokenDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const holdWords = {
  slowed: 'Its mail is slowed down',
  restricted: 'It may only use the mail servers it is known to use',
  blocked: 'Its mail is blocked',
  quarantined: 'Nothing it sends leaves the home',
} as const satisfies Record<Hold, string>;

/** What a hold means for the device and for how long, one sentence without its full stop. */
export function spokenHold(hold: Hold, durationMs: number | undefined): string {
  const rest = hold === 'quarantined' ? '' : '; everything else it does works';
  return `${holdWords[hold]}${spokenSpan(durationMs) || ' until you release it'}${rest}`;
}

/** Everything a sentence about an incident's step may need. */
export interface StepFacts {
  readonly device: Named;
  readonly durationMs?: number | undefined;
  readonly destinations?: number | undefined;
  readonly refused?: number | undefined;
  readonly messages?: number | undefined;
  /** Why less was done than the evidence asks for, or what was noticed. */
  readonly note?: string | undefined;
  /** The evidence, and neither its amount of mail nor a person, is why the incident was opened. */
  readonly suspected?: boolean | undefined;
}

/** One or two sentences for people: what happened, and what was done. The same words go to log, MQTT, page and CLI. */
export function sentence(type: EventType, facts: StepFacts): string {
  const who = spoken(facts.device);
  const note = facts.note ? ` ${facts.note}` : '';
  const servers =
    facts.destinations === 1 ? '1 new mail server' : `${facts.destinations ?? 0} new mail servers`;
  switch (type) {
    case 'opened':
      return facts.suspected
        ? `${who} tried ${servers}: that looks like spam.${note}`
        : `Postern looks closely at ${who}.${note}`;
    case 'told':
      return `${who} sends mail in an unusual way.${note}`;
    case 'first_mail':
      return `${who} sent its first mail.${note}`;
    case 'slowed':
    case 'restricted':
    case 'blocked':
    case 'quarantined':
      return `${who} is ${type}. ${spokenHold(type, facts.durationMs)}.${note}`;
    case 'still_trying':
      return `${who} goes on trying: ${facts.refused ?? 0} attempts refused so far.${note}`;
    case 'quiet':
      return `${who} has stopped trying.${note}`;
    case 'released':
      return `${who} was released${spokenSpan(facts.durationMs)}.${note}`;
    case 'allowed':
      return `${who} may use a mail server${spokenSpan(facts.durationMs)}.${note}`;
    case 'disallowed':
      return `${who} may no longer use a mail server that was allowed.${note}`;
    case 'expired':
      return `The hold on ${who} has ended.${note}`;
    case 'closed':
      return `The incident of ${who} is closed.${note}`;
    case 'verified':
      return `Checked: no mail of ${who} is moving any more.${note}`;
    case 'reachable':
      return `${who} can be reached from the internet.${note}`;
    case 'leaking':
      return `Some mail of ${who} still moves.${note}`;
    case 'guard_paused':
      return `The guard is paused${spokenSpan(facts.durationMs)}.${note}`;
    case 'guard_resumed':
      return `The guard is on again.${note}`;
    case 'new_network':
      return `There is a new network, ${facts.note}, and its devices are guarded too.`;
    case 'watching':
    case 'clean':
    case 'tried_again':
      return `${who}${note}`;
    case 'listed':
    case 'delisted':
    case 'degraded':
    case 'recovered':
    case 'report':
      return `${facts.note ?? ''}`;
    case 'summary':
      return `${facts.note ?? ''} "postern incidents" shows each.`;
    case 'test':
      return `This is a test of Postern's alerts. Nothing happened.${note}`;
  }
}
