import { readFile } from 'node:fs/promises';
import type { DeviceKey } from './address/device-key.ts';
import type { Config } from './config/config.ts';
import type { Request } from './control/request.ts';
import type { FoundDoors } from './doors/door.ts';
import { withWords } from './doors/door-words.ts';
import { findDoors, hasUnlisted } from './doors/find-doors.ts';
import { parseLeases } from './doors/leases.ts';
import { mapsAsked, readRuleset } from './doors/ruleset.ts';
import { type NftPort, reasonOf } from './enforcement/nft-port.ts';
import { doorsOf } from './engine/doors-of.ts';
import { addressesFor, findDevice } from './engine/who.ts';
import type { Running } from './main-running.ts';
import { monotonicMs } from './system/clock.ts';

/** A device whose doors are asked for. */
export interface AskedDoors {
  readonly device: DeviceKey;
  readonly addresses: readonly string[];
}

/** firewall4 with a hundred rules of its owner's has 0.2 MB. */
const maxListingBytes = 1024 * 1024;
/** Maps that are listed because a rule sends packets on by them. */
const maxMaps = 4;
const maxMapBytes = 256 * 1024;
const leasesFile = '/var/run/miniupnpd.leases';
const maxLeasesBytes = 64 * 1024;
/** Nobody who asks again and again makes the rules be read more often. */
const restMs = 2000;
/** When a person was shown what is there now. */
let lookedMs = Number.NEGATIVE_INFINITY;

/** Finds the doors of each device, all with one reading of the rules, and says it to the engine. A file of its own beside the bundle. */
export async function askDoors(
  { listRules, state, dispatch }: Pick<Running, 'listRules' | 'state' | 'dispatch'>,
  asked: readonly AskedDoors[],
): Promise<void> {
  const found = await lookForDoors(listRules, state.config, asked);
  dispatch(
    ...found.map((one, index) => ({
      ...{ type: 'doors' as const, device: asked[index]?.device ?? '' },
      found: withWords(one),
    })),
  );
}

/** Looks anew before a person is shown a device with an incident: who closed a door wants to see it gone. */
export async function lookAgain(running: Running, { args }: Request): Promise<void> {
  const { state } = running;
  const nowMs = monotonicMs();
  const device = findDevice(state, String(args['device']));
  const record = device && device !== 'ambiguous' ? state.records.get(device) : undefined;
  if (!record || !doorsOf(record) || nowMs - lookedMs < restMs) return;
  lookedMs = nowMs;
  const addresses = addressesFor(state, record.key, nowMs);
  await askDoors(running, [{ device: record.key, addresses }]);
}

/** Reads the firewall's rules once and finds the doors of each device. */
async function lookForDoors(
  list: NftPort['list'],
  { networks }: Config,
  asked: readonly AskedDoors[],
): Promise<readonly FoundDoors[]> {
  // Without what is in the sets: lists of the world's addresses are not worth reading here.
  const listing = await list(['-t', 'list', 'ruleset'], maxListingBytes);
  if (listing.code !== 0) {
    const unread = listing.isTooLong ? 'there are too many rules' : reasonOf(listing);
    return asked.map(() => ({ doors: [], omitted: 0, unread }));
  }
  const named = mapsAsked(readRuleset([listing.stdout]));
  const maps = await Promise.all(
    named.slice(0, maxMaps).map((map) => list(['list', 'map', ...map], maxMapBytes)),
  );
  const isPartial = named.length > maxMaps || maps.some(({ code }) => code !== 0);
  const sources = {
    ruleset: readRuleset([listing.stdout, ...maps.map(({ stdout }) => stdout)]),
    inside: new Set(networks.filter(({ role }) => role === 'guard').flatMap(({ interfaces }) => interfaces)),
    leases: parseLeases(await leasesText()),
  };
  const unread = isPartial
    ? 'some maps could not be listed'
    : hasUnlisted(sources)
      ? 'there are port forwards of iptables, of which nft does not say where they lead'
      : undefined;
  return asked.map(({ addresses }) => ({
    ...findDoors(sources, addresses),
    ...(unread !== undefined && { unread }),
  }));
}

async function leasesText(): Promise<string> {
  const text = await readFile(leasesFile, 'latin1').catch(() => '');
  return text.slice(0, maxLeasesBytes);
}
