import type { Mac } from '../address/mac.ts';

/** How many devices call themselves the same, the one asked about included: more than one is told. */
export function namesakes(
  devices: Iterable<{ readonly hostname: string | undefined }>,
  hostname: string,
): number {
  const wanted = hostname.toLowerCase();
  let count = 0;
  for (const device of devices) if (device.hostname?.toLowerCase() === wanted) count++;
  return count;
}

/** All that may name a device. `hostname` is clean already: see hostname.ts. */
export interface Names {
  /** From the owner's `device` section. */
  readonly user?: string | undefined;
  /** From the owner's static lease. */
  readonly lease?: string | undefined;
  readonly hostname?: string | undefined;
  readonly vendor?: string | undefined;
  readonly mac?: Mac | undefined;
  readonly randomised: boolean;
  /** Where there is no MAC. */
  readonly address?: string | undefined;
}

/**
 * What people read as the device's name. A name the owner gave stands alone; one the device gave itself comes with
 * what it cannot choose so freely, "garden-cam (Reolink, 00:11:22)".
 */
export function displayName({ user, lease, hostname, vendor, mac, randomised, address }: Names): string {
  const given = user ?? lease;
  if (given !== undefined) return given;
  const tail = mac?.slice(-8) ?? address;
  const maker = randomised ? 'random MAC' : vendor;
  if (hostname !== undefined) {
    const proof = [maker, tail].filter((part) => part !== undefined).join(', ');
    return proof === '' ? hostname : `${hostname} (${proof})`;
  }
  if (!mac) return address ?? 'unknown device';
  return maker === undefined
    ? `device ${tail}`
    : `${randomised ? 'device with a random MAC' : maker} ${tail}`;
}
