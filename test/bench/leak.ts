import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardOptions, startGuard } from '../guard/guard.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Bench } from './bench-types.ts';

const durationS = 15;
const delayMs = 20;
const sender = 'bot@bot.example';

/**
 * How many messages get out while a bot of 8 workers sends to 60 servers for 15 s, from the same device each time:
 * counted by the servers.
 */
export const leak: Bench = {
  name: 'leak',
  about: 'messages that a bot gets out in 15 s: unguarded, with a limit of 10 a minute, with Postern',
  async run(say) {
    const lab = await startLab({ delayMs });
    const count = async (what: string) => {
      const messages = await attack(lab);
      say(`${what}: ${messages}`);
      return messages;
    };
    const guarded = async (what: string, name: string, options: GuardOptions) => {
      const guard = await startGuard(lab, { ...options, name });
      const messages = await count(what);
      await guard.stop();
      await lab.nft('delete', 'table', 'inet', 'postern');
      return messages;
    };
    try {
      say(`messages accepted in ${durationS} s, ${delayMs} ms a reply`);
      const unguarded = await count('unguarded');
      await lab.run('router', ['nft', '-f', '-'], { input: limit });
      const limited = await count('10 new connections a minute');
      await lab.nft('delete', 'table', 'inet', 'by_hand');
      const { mac } = lab.devices.laptop;
      const iot = await guarded('Postern, declared iot', 'iot', { devices: [{ mac, class: 'iot' }] });
      const unknown = await guarded('Postern, undeclared', 'unknown', {});
      await lab.sink.set({ delayMs: 0 });
      const at0ms = await guarded('Postern, undeclared, 0 ms a reply', 'unknown-0ms', {});
      return {
        unguarded,
        limit: limited,
        postern_iot: iot,
        postern_unknown: unknown,
        postern_unknown_0ms: at0ms,
      };
    } finally {
      await lab.stop();
    }
  },
};

/** What people put into their firewall by hand. */
const limit = `
table inet by_hand {
  chain forward {
    type filter hook forward priority filter - 10;
    oifname "wan" tcp dport { 25, 465, 587, 2525 } ct state new limit rate over 10/minute burst 5 packets reject with tcp reset
  }
}
`;

async function attack(lab: Lab): Promise<number> {
  await lab.clearConntrack();
  await lab.sink.reset();
  const bot = await lab.actor('laptop', 'direct-mx-bot', {
    targets: lab.addresses.spread4,
    workers: 8,
    from: sender,
    durationS,
  });
  await bot.done;
  // What the servers still have in hand.
  await sleep(500);
  return (await lab.sink.counts()).bySender[sender] ?? 0;
}
