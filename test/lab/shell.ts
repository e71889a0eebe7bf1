import { hostNames } from './home.ts';
import { startLab } from './lab.ts';

/** Brings a home up, prints what is where and how to enter it, and keeps it until Ctrl-C. */
const lab = await startLab();
await lab.broker.start();

const rows = Object.values(lab.devices).map((d) => [d.name, d.network, d.mac || '(none)', d.ip4, d.ip6]);
for (const row of rows)
  console.log(row.map((cell, index) => cell.padEnd([13, 7, 19, 15][index] ?? 0)).join(''));
console.log(`\nThe internet answers at ${lab.addresses.spread4[0]}, ${lab.addresses.spread6[0]} and others`);
console.log(
  `(see addresses.ts) on ports 25, 465, 587, 2525 and 80. Broker: ${lab.broker.url} on the router.`,
);
console.log(`Leases: ${lab.leasesFile}\n\nTo enter a host:`);
for (const host of hostNames) console.log(`  ${lab.enter(host, ['bash']).join(' ')}   # ${host}`);
console.log(`\nready: process ${lab.hostPid}, folder ${lab.dir}. Ctrl-C ends it.`);

const end = async () => {
  await lab.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end());
