import { startHolder } from './holder.ts';
import { wireHome } from './wire.ts';
import { leaseAddresses, leasesPath } from './leases.ts';
import { mustRun } from './run.ts';
import { labFile } from './root.ts';
import { readFileSync } from 'node:fs';
const t = Date.now();
const lap = (s: string) => console.log(s, Date.now() - t);
const h = await startHolder('192.168.1.1'); lap('holder');
try {
await wireHome(h); lap('wired');
await mustRun(h, 'router', ['nft', '-f', labFile('fw4.nft')]); lap('fw4');
await leaseAddresses(h); lap('leases');
console.log(readFileSync(leasesPath(h), 'utf8'));
console.log(await mustRun(h, 'router', ['ip', '-br', 'addr']));
console.log(await mustRun(h, 'camera', ['ip', '-br', 'addr']));
console.log(await mustRun(h, 'camera', ['busybox','ping', '-c1', '-W1', '142.250.1.1']));
console.log(await mustRun(h, 'camera', ['busybox','ping', '-c1', '-W1', '2a00:1450::1']));
console.log(await mustRun(h, 'doorbell', ['busybox','ping', '-c1', '-W1', '3fff:10::25']));
console.log(await mustRun(h, 'roadwarrior', ['busybox','ping', '-c1', '-W1', '142.250.1.1']));
console.log(await mustRun(h, 'roadwarrior', ['busybox','ping', '-c1', '-W1', '2a00:1450::1']));
console.log(await mustRun(h, 'camera', ['getent', 'ahosts', 'smtp.isp.example']));
console.log(await mustRun(h, 'router', ['ls', '/sys/class/net']));
} finally { lap('x'); await h.release(); lap('released'); }
