import type { TrackedFlow } from '../conntrack/tracked-flow.ts';
import type { FlowTraffic } from '../conntrack/traffic.ts';
import { isRush, type Loudness, loudnessOf, type SecondSign } from '../detection/volume-arm.ts';
import { decide } from '../policy/decide.ts';
import type { DeviceRecord } from './device-record.ts';
import { holdByGuard, isReleased } from './hold.ts';
import { remark, tell } from './incidents.ts';
import type { Turn } from './state.ts';
import { whoIs } from './who.ts';
import type { Who } from './who-record.ts';

/** Loudness is told once a day. */
const noticeMs = 86_400_000;

/** Looks at how much a device sends: tells, and slows where there is a second sign. `messages` are those of this session so far. */
export function judgeVolume(
  turn: Turn,
  record: DeviceRecord,
  messages: number,
  { out }: Pick<FlowTraffic, 'out'>,
): void {
  const { nowMs } = turn.at;
  const who = whoIs(turn.state, record.key);
  const isServer = who.class === 'mailserver';
  if (record.ban || (who.exempt && !isServer)) return;
  const loud = loudnessOf(record.profile, who.class, nowMs);
  if (loud?.sign && slow(turn, record, who, loud, loud.sign)) return;
  // A mail server may well have many messages for one other; what it sends in a day is all that is said of it.
  const isLoud = loud !== undefined || (!isServer && isRush(messages, out, who.class));
  if (nowMs < record.noticedUntilMs || !isLoud) return;
  record.noticedUntilMs = nowMs + noticeMs;
  const note = loud
    ? amountOf(loud)
    : `About ${messages} messages in one connection: no person mails like that.`;
  // What a mail server does all day is no incident, and would be one without an end.
  if (isServer) remark(turn, record, 'told', { note });
  else tell(turn, record, 'told', { note });
}

function slow(turn: Turn, record: DeviceRecord, who: Who, loud: Loudness, sign: SecondSign): boolean {
  const { act } = decide({
    verdict: 'slow',
    class: who.class,
    rule: who.rule,
    exempt: who.exempt,
    held: record.ban?.hold,
    released: isReleased(record, turn.at.nowMs),
    conflict: who.conflict,
    autoBans: 0,
    maxBans: turn.state.config.maxBans,
  });
  if (act !== 'slow') return false;
  holdByGuard(turn, record, 'slowed', true, `${amountOf(loud)}${signWords[sign]}`);
  return true;
}

const amountOf = ({ messages, limit }: Loudness) =>
  `About ${messages} messages in a day; ${limit} would be usual at most.`;

const signWords: Readonly<Record<SecondSign, string>> = {
  amount: '',
  services: ' It uses many new servers.',
  failures: ' Many of its connections fail.',
  pace: ' It never sent like that before.',
};

/** A thing that mails for the first time: most never do, and its owner knows whether it was set up to. */
export function tellFirstMail(turn: Turn, record: DeviceRecord, { dst, dport }: TrackedFlow): void {
  const who = whoIs(turn.state, record.key);
  if (who.class !== 'iot' || who.exempt || record.learned.length > 0 || record.incident !== undefined) return;
  const server = dst.includes(':') ? `[${dst}]:${dport}` : `${dst}:${dport}`;
  remark(turn, record, 'first_mail', {
    note: `It went to ${server}. If you did not set it up to mail, look at it.`,
  });
}
