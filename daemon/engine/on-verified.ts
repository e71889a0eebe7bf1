import { cutTuples } from './cuts.ts';
import type { DeviceRecord } from './device-record.ts';
import { isHolding } from './hold.ts';
import { tell } from './incidents.ts';
import type { Input } from './input.ts';
import type { Turn } from './state.ts';
import { look } from './verify-hold.ts';

/** The next look comes so soon, and at most so late. */
const soonMs = 2_000;
const lateMs = 600_000;
/** In between, so much of the time that has passed. */
const share = 0.1;

/** Looks again where the last look did not find the device at rest: soon, and less often the longer it lasts. */
export function watchHold(turn: Turn, record: DeviceRecord): void {
  const { ban, check } = record;
  if (!check) return;
  if (!ban || ban.hold === 'slowed') {
    record.check = undefined;
    return;
  }
  const { nowMs } = turn.at;
  const restMs = Math.min(Math.max(share * (nowMs - check.sinceMs), soonMs), lateMs);
  if (check.seenMs === undefined || nowMs - check.seenMs < restMs || !isHolding(turn.state, nowMs)) return;
  look(turn, record, check, ban.hold);
}

type Verified = Extract<Input, { type: 'verified' }>;

/** What a look found. What still moves is told once, and once when it has come to rest. */
export function onVerified(turn: Turn, { device, moving, ended, why }: Verified): void {
  const { state, at } = turn;
  const record = [...state.records.values()].find(({ key }) => key === device);
  const check = record?.check;
  if (!record?.ban || !check || record.incident === undefined) return;
  check.seenMs = at.nowMs;
  if (!isHolding(state, at.nowMs)) return;
  const isFailing = state.conditions.has('ruleset_failed');
  // What had to be ended by its entry may begin anew where the table is not in force.
  const going = isFailing ? moving.length || ended : moving.length;
  if (going > 0) {
    if (why?.cause !== 'mac') cutTuples(turn, moving);
    if (check.isTold) return;
    check.isTold = true;
    const cause = isFailing ? "Postern's firewall table could not be applied" : causeOf(why);
    const note = `${going === 1 ? '1 connection still carries' : `${going} connections still carry`} data: ${cause}. Postern keeps trying.`;
    tell(turn, record, 'leaking', { note });
    return;
  }
  // At rest by itself, perhaps: what is not in force stops nothing that begins now.
  if (isFailing) return;
  record.check = undefined;
  if (!check.isTold && state.incidents.get(record.incident)?.steps.at(-1)?.type === 'verified') return;
  const note = ended > 0 ? `${ended} connections that went on were ended one by one.` : undefined;
  tell(turn, record, 'verified', { note });
}

function causeOf(why: Verified['why']): string {
  switch (why?.cause) {
    case 'offload':
      return 'flow offloading carries packets past the firewall';
    case 'mac':
      return `${why.address} now has the MAC ${why.mac}`;
    case 'path':
      return "none of its packets meets Postern's rules, so they take another way";
    case 'rules':
      return 'the rules refuse packets of it, and these pass';
    case undefined:
      return 'the reason is not known';
  }
}
