import type { Chance } from './chance.ts';
import type { MadeFlow } from './family.ts';
import type { Session } from './session.ts';

/** One device's flows while they are made, in any order. */
export interface Device {
  readonly flows: MadeFlow[];
  connect(tsS: number, dst: string, dport: MailPort, session: Session): void;
}

type MailPort = 25 | 465 | 587 | 2525;

/** A device of this address, and of this MAC where several share one. */
export function device(chance: Chance, src = '192.168.1.50', mac?: string): Device {
  let sport = chance.whole(32_768, 60_000);
  const flows: MadeFlow[] = [];
  return {
    flows,
    connect(tsS, dst, dport, session) {
      sport = sport >= 60_999 ? 32_768 : sport + 1;
      flows.push({ tsS, src, ...(mac !== undefined && { mac }), dst, sport, dport, ...session });
    },
  };
}

/** Flows in the order of their starts. */
export function inOrder(flows: readonly MadeFlow[]): MadeFlow[] {
  return [...flows].sort((a, b) => a.tsS - b.tsS);
}
