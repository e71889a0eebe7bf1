// Reads the providers' records from DNS and writes daemon/detection/providers.json anew.
//   npm run providers [-- --server ADDRESS[:PORT]] [--file PATH]
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ProviderList } from '../../daemon/detection/provider-pack.ts';
import { systemDns } from './dns.ts';
import { refresh } from './refresh.ts';

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true, default: [] },
    file: { type: 'string', default: 'daemon/detection/providers.json' },
  },
});
const old = JSON.parse(readFileSync(values.file, 'utf8')) as ProviderList;
const today = new Date().toISOString().slice(0, 10);
const { list, notes, failed } = await refresh(old, systemDns(values.server), today);
for (const note of notes) console.error(note);
for (const { name, found } of list.providers) console.log(`${name}: ${found.length} found`);
writeFileSync(values.file, `${JSON.stringify(list, null, 2)}\n`);
spawnSync('node_modules/.bin/biome', ['format', '--write', values.file], { stdio: 'ignore' });
if (failed.length > 0) {
  console.error(`not read, and left as they were: ${failed.join(', ')}`);
  process.exitCode = 1;
}
