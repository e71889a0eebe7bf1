import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk image with an empty ext4, which outlives machines. */
export interface Disk {
  readonly image: string;
  /** Flash is slow: a write of the state takes about half a second, so that the power can fail in the midst of it. */
  readonly requestsPerS: number;
  remove(): void;
}

/** Makes a disk of 16 MB. */
export function makeDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'postern-vm-disk-'));
  const image = join(folder, 'data.img');
  const file = openSync(image, 'w');
  ftruncateSync(file, 16 * 1024 * 1024);
  closeSync(file);
  const { status, stderr } = spawnSync('mkfs.ext4', ['-q', image], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfs.ext4: ${stderr}`);
  return { image, requestsPerS: 80, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
