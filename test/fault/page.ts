import type { Bound } from './fault.ts';
import { faults } from './faults.ts';

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

const outro = `
Faults that need a kernel of their own (offloaded flows, a reboot, a power cut, packet loss, a wrong clock at boot, little
memory) are made in a virtual machine: see [test/vm](../test/vm/README.md).

\`npm run chaos -- --minutes 10 --seed 1\` makes those of the faults above that leave the network alone at random, while a bot
attacks, a device is blocked by hand and a laptop sends a mail a second: no mail and no ban may be lost, and nothing of the
daemon may be left when it has stopped. A minute of it is part of \`npm test\`.
`;

/** The text of docs/faults.md. */
export function faultsPage(): string {
  const rows = faults.map(({ name, what, bounds: { idle, attack, banned }, tells = '-' }) =>
    [name, what, cell(idle), cell(attack), cell(banned), tells].join(' | '),
  );
  return `${intro}${rows.map((row) => `| ${row} |`).join('\n')}\n${outro}`;
}

function cell({ leaked, openS }: Bound): string {
  if (leaked === 0 && openS === 0) return 'nothing, held throughout';
  return `${leaked} messages, ${openS} s`;
}
