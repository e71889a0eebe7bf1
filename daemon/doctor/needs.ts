/** The oldest Node that Postern runs on. */
export const oldestNode = '20.18';

/** Before this the clock was never set: a router boots in 1970, or at its firmware's date. 2024-01-01. */
export const plausibleWallMs = 1_704_067_200_000;

/** Whether a version, as in `process.versions.node`, is before {@link oldestNode}. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
