import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Guard } from '../guard/guard.ts';
import type { Lab } from '../lab/lab.ts';

/** Writes two small commands into the lab's folder and returns what to try with them, line by line. */
export function whatToTry(lab: Lab, guard: Guard): string[] {
  const folder = join(lab.dir, 'try');
  mkdirSync(folder);
  const postern = join(folder, 'postern');
  const enter = join(folder, 'in');
  const bundle = resolve('dist/postern.cjs');
  writeScript(
    postern,
    `exec '${process.execPath}' '${bundle}' "$@" --socket '${guard.dir}/run/postern.sock'`,
  );
  const netns = `/proc/${lab.hostPid}/root/run/netns`;
  const namespaces = `--target=${lab.hostPid} --mount --pid --wdns=/`;
  writeScript(enter, `host=$1\nshift\nexec nsenter ${namespaces} "--net=${netns}/$host" -- "$@"`);
  const [server = ''] = lab.addresses.spread4;
  const camera = lab.devices.camera.hostname;
  return [
    'The home stays up until Ctrl-C. In another terminal, as root:',
    '',
    `  ${postern} status                 (also: devices, incidents, --help)`,
    `  ${postern} device ${camera} --why`,
    `  ${postern} block ${camera} --for 1h`,
    '',
    `  ${enter} camera swaks --server ${server} --to victim@victim.example    one more spam message`,
    `  ${enter} laptop swaks --server ${lab.addresses.laptopRelay}:587 --to friend@friend.example`,
    `  ${enter} tv busybox wget -qO- http://${lab.addresses.web4}/bytes/1000000 | wc -c`,
    `  ${enter} router nft list table inet postern`,
    `  ${enter} router mosquitto_sub -v -t 'postern/#'`,
    `  ${enter} camera bash`,
    `  hosts: router, internet, ${Object.keys(lab.devices).join(', ')}`,
    '',
    `The daemon's configuration is ${guard.configPath}. What it tells goes on below.`,
  ];
}

function writeScript(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
