import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Of a daemon that does not run: what its configuration says is beside the socket. */
function flashWith(dataDir: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-doctor-'));
  try {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ main: { data_dir: dataDir } }));
    const socket = join(folder, 'postern.sock');
    const args = ['dist/postern.cjs', 'doctor', '--json', '--socket', socket];
    const { checks } = JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
    return checks.find(({ check }: { readonly check: string }) => check === 'flash').text;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the room for the state is that of its folder, or of where that will be', () => {
  const etc = flashWith('/etc/postern');
  expect(etc).toMatch(/^\d+ MiB are free/);
  // A file system without any room.
  for (const folder of ['/proc', '/proc/postern/state']) expect(flashWith(folder)).toMatch(/^0 MiB/);
});
