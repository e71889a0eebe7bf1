import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';

const flagOf = (lab: Pick<Lab, 'dir'>) => join(lab.dir, 'no-nft');

/** The environment of a guard with an nft in front of the real one that fails when it is told to. */
export async function failingNft(lab: Lab): Promise<{ env: Record<string, string> }> {
  const folder = join(lab.dir, 'bin');
  const script = `#!/bin/sh\n[ ! -e ${flagOf(lab)} ] || exit 1\nexec "$REAL_NFT" "$@"\n`;
  await lab.run('router', ['mkdir', '-p', folder]);
  writeFileSync(join(folder, 'nft'), script, { mode: 0o755 });
  const real = (await lab.run('router', ['sh', '-c', 'command -v nft || echo /usr/sbin/nft'])).trim();
  return { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, REAL_NFT: real } };
}

/** From now on it fails; one that waits already was started before, and serves one more transaction. */
export const breakNft = (lab: Lab): void => writeFileSync(flagOf(lab), '');

export const mendNft = (lab: Lab): void => unlinkSync(flagOf(lab));
