import type { ActorProcess } from '../lab/actor.ts';
import type { ActorArgs } from '../lab/actor-types.ts';
import type { DeviceName } from '../lab/home.ts';
import type { Lab } from '../lab/lab.ts';
import { type Guard, type GuardOptions, startGuard } from './guard.ts';

/** What each bot gives as its sender, so that the sinks tell them apart. */
export function senderOf(host: DeviceName): string {
  return `${host}@bot.example`;
}

/** The servers of a direct-to-MX bot: 60 over IPv4, 60 over IPv6, or both in turn. */
export function serversOf(
  { addresses }: Pick<Lab, 'addresses'>,
  families: '4' | '6' | 'both',
): readonly string[] {
  const { spread4, spread6 } = addresses;
  if (families === '4') return spread4;
  if (families === '6') return spread6;
  return spread4.flatMap((address, index) => [address, spread6[index] ?? address]);
}

/** The parallel direct-to-MX bot on a device. */
export function infect(
  lab: Lab,
  host: DeviceName,
  families: '4' | '6' | 'both',
  more: Partial<ActorArgs['direct-mx-bot']> = {},
): Promise<ActorProcess<'direct-mx-bot'>> {
  return lab.actor(host, 'direct-mx-bot', {
    ...{ targets: serversOf(lab, families), durationS: 15, from: senderOf(host) },
    ...more,
  });
}

/** Messages that the internet's servers accepted from the bot on this device. */
export async function acceptedFrom(lab: Lab, host: DeviceName): Promise<number> {
  const { bySender } = await lab.sink.counts();
  return bySender[senderOf(host)] ?? 0;
}

/** Takes away what an earlier guard left: its table, the connections it knew, the sinks' counts. */
export async function cleanSlate(lab: Lab): Promise<void> {
  await lab.nft('add table inet postern; delete table inet postern');
  await lab.clearConntrack();
  await lab.sink.reset();
}

let guards = 0;

/** A guard that knows nothing of an earlier one in the same lab. */
export async function freshGuard(lab: Lab, options: GuardOptions = {}): Promise<Guard> {
  await cleanSlate(lab);
  guards += 1;
  return startGuard(lab, { name: `guard-${guards}`, ...options });
}
