import type { ChaosResult } from './chaos.ts';

/** What the result says that may not be; nothing where all is well. */
export function faultsOf({ laptop, leaked, mayLeak, lostBans, left }: ChaosResult): string[] {
  const lost = laptop.attempts - laptop.accepted;
  return [
    ...(lost > 0 ? [`${lost} of the laptop's ${laptop.attempts} mails were lost`] : []),
    ...(leaked > mayLeak ? [`${leaked} messages of the bot were accepted, at most ${mayLeak} may be`] : []),
    ...lostBans,
    ...left.map((one) => `still there: ${one}`),
  ];
}
