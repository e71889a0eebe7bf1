/**
 * The first set of capabilities in /proc/self/status that is not empty, as `CapEff 0000000000001000`; undefined where this
 * process and what it starts have none. A program that root starts gets what the bounding set has left, whatever root itself
 * gave up; where nothing can be read, everything is assumed.
 */
export function capabilitiesIn(status: string, uid: number): string | undefined {
  const sets = ['CapEff', 'CapPrm', 'CapInh', 'CapAmb', ...(uid === 0 ? ['CapBnd'] : [])];
  for (const set of sets) {
    const bits = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? 'unknown';
    if (!/^0+$/.test(bits)) return `${set} ${bits}`;
  }
  return undefined;
}
