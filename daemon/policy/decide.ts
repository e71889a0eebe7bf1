import type { DeviceClass } from '../config/config.ts';
import { type Hold, isStronger } from './ban.ts';

/** Everything that turns a verdict into an action. */
export interface Circumstances {
  readonly verdict: 'none' | 'slow' | 'restrict' | 'block';
  readonly class: DeviceClass;
  /** The most the owner lets Postern do to this device. */
  readonly rule: 'auto' | 'tell' | 'restrict';
  readonly exempt: boolean;
  /** What holds it now. */
  readonly held: Hold | undefined;
  /** A person released it, and the time has not run out. */
  readonly released: boolean;
  /** Two devices claim its address, or it is seen in two places: anybody could have made this evidence. */
  readonly conflict: boolean;
  /** Automatic bans in force now, and the most there may be. */
  readonly autoBans: number;
  readonly maxBans: number;
}

/** What to do, and in `limit` why it is less than the verdict asks for. */
export interface Decision {
  readonly act: 'nothing' | 'tell' | 'slow' | 'restrict' | 'block';
  readonly limit?: 'exempt' | 'released' | 'rule' | 'conflict' | 'max_bans';
}

/** The action for a verdict under the circumstances; `nothing` where it is in force already. Mode is the caller's. */
export function decide(now: Circumstances): Decision {
  if (now.verdict === 'none') return { act: 'nothing' };
  if (now.exempt || now.class === 'mailserver') return { act: 'nothing', limit: 'exempt' };
  if (now.released) return { act: 'nothing', limit: 'released' };
  if (now.rule === 'tell') return { act: 'tell', limit: 'rule' };
  if (now.conflict) return { act: 'tell', limit: 'conflict' };
  if (now.verdict === 'slow') return { act: now.held === undefined ? 'slow' : 'nothing' };
  const asked = now.verdict === 'block' && now.rule !== 'restrict' ? 'block' : 'restrict';
  const hold: Hold = asked === 'block' ? 'blocked' : 'restricted';
  if (!isStronger(hold, now.held)) return { act: 'nothing' };
  const isNew = now.held === undefined || now.held === 'slowed';
  if (isNew && now.autoBans >= now.maxBans) {
    return now.held === 'slowed' ? { act: 'nothing', limit: 'max_bans' } : { act: 'slow', limit: 'max_bans' };
  }
  return { act: asked };
}
