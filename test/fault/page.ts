import { type Bound, moments } from './fault.ts';
import { faults } from './faults.ts';
import { type MachineFault, machineFaults } from './faults-machine.ts';

const intro = `# What happens when something breaks

<!-- Made by \`node build.mjs --docs\` from test/fault: change it there. -->

Each row is a fault that is made on a real kernel in \`npm test\`, three times: while nothing goes on, with the first
connection of a bot on a device of which nothing is known, and while an infected device is blocked and goes on trying. A
cell says what may get out at most (messages that mail servers of the internet accepted, at 20 ms a reply), and for how long
a bot may be unheld (a blocked device: not be blocked). A bound was written down before its row was first run.

What holds while nobody decides is in the kernel: bans, known relays, and for everybody else a budget of connections and
command packets. Hence the 20 messages where the daemon is away. Where the table itself is gone, each of the bot's eight
sessions at once may get one or two messages out before it is there again, which takes the daemon 0.1 to 0.3 s under attack.

| fault | what is done | idle | with a bot's first connection | while one is blocked | what is told |
|---|---|---|---|---|---|
`;

const machine = `
These need a kernel of their own. They are made in [a virtual machine](../test/vm/README.md), whose processor is emulated and
twenty times slower (\`test/vm/router.lab.test.ts\`); a cell with - is not made. The bound of the attack at a reboot was 20
messages before its first run, which had 24: a stranger's budget until Node has started, and then what goes out while the
daemon decides.

| fault | what is done | idle | with a bot's first connection | while one is blocked | what is told |
|---|---|---|---|---|---|
`;

const outro = `
The same machine shows the guard on a line that loses 2 %, delays and reorders packets, with 256 MB of memory of which 24 are
left for 5 s, and on a bridge with two VLANs.

\`npm run chaos -- --minutes 10 --seed 1\` makes those of the faults of the first table that leave the network alone at random,
while a bot attacks, a device is blocked by hand and a laptop sends a mail a second: no mail and no ban may be lost, and
nothing of the daemon may be left when it has stopped. A minute of it is part of \`npm test\`.
`;

/** The text of docs/faults.md. */
export function faultsPage(): string {
  return `${intro}${faults.map(row).join('\n')}\n${machine}${Object.values(machineFaults).map(row).join('\n')}\n${outro}`;
}

function row({ name, what, bounds, tells = '-' }: MachineFault): string {
  return `| ${[name, what, ...moments.map((moment) => cell(bounds[moment])), tells].join(' | ')} |`;
}

function cell(bound: Bound | undefined): string {
  if (!bound) return '-';
  const { leaked, openS } = bound;
  if (leaked === 0 && openS === 0) return 'nothing, held throughout';
  return `${leaked} messages, ${openS} s`;
}
