import type { ReplayFlow } from '../../../daemon/replay/replay-flow.ts';
import type { Firing, Rule } from './rule.ts';

interface Window {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
  /** It fires above so much in a window. */
  readonly limit: number;
  /** What the flow adds; 0 where the rule does not look at it. */
  weight(flow: ReplayFlow): number;
}

/** A rule that adds up weights in a sliding window; the window begins with the oldest flow that still counts. */
function windowRule({ name, about, seconds, limit, weight }: Window): Rule {
  return {
    name,
    about,
    firstFiring(flows): Firing | undefined {
      const inside: { atS: number; weight: number }[] = [];
      let sum = 0;
      for (const [index, flow] of flows.entries()) {
        const added = weight(flow);
        if (added === 0) continue;
        inside.push({ atS: flow.tsS, weight: added });
        sum += added;
        while ((inside[0]?.atS ?? flow.tsS) <= flow.tsS - seconds) sum -= inside.shift()?.weight ?? 0;
        if (sum > limit) return { connection: index + 1, atS: flow.tsS };
      }
      return undefined;
    },
  };
}

/** More than so many mail connections in an hour: what a firewall's rate limit or an ISP's does. */
function perHour(limit: number): Rule {
  return windowRule({
    name: `fixed_${limit}_per_hour`,
    about: `>${limit}/h`,
    seconds: 3600,
    limit,
    weight: () => 1,
  });
}

/** The limits of the hour, from the tightest that is in use. */
export const fixedRates: readonly Rule[] = [5, 10, 20, 60].map(perHour);

/** iungo's net-security, src/sensors/spam.js: more than 20 flows in 60 s to 25, 465, 587 (and 993, which no flow here has). */
export const twentyAMinute: Rule = windowRule({
  name: 'twenty_in_60_s',
  about: '>20 in 60 s',
  seconds: 60,
  limit: 20,
  weight: ({ dport }) => (dport === 2525 ? 0 : 1),
});

/**
 * Emerging Threats 2002087, as printed in Suricata's manual: "mail from:" ten times in 60 s from one source, port 25. It
 * reads the text of the session, so it sees none under TLS; a flow of one mail counts one.
 */
export const frequentEmails: Rule = windowRule({
  name: 'et_2002087',
  about: '10 mails in 60 s',
  seconds: 60,
  limit: 9,
  weight: ({ dport, state, out }) =>
    dport === 25 && state === 'established' && (out?.packets ?? 0) >= 9 ? 1 : 0,
});
