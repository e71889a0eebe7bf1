import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { families } from '../detect/families.ts';
import type { MadeFlow } from '../detect/family.ts';
import { makeDevice } from '../detect/trial.ts';
import { bundle } from '../guard/guard.ts';
import type { Bench } from './bench-types.ts';
import { quantile, rounded } from './numbers.ts';
import { memoryOf } from './process-usage.ts';

const mailFlows = 400_000;
/** Of a home's connections few are mail. */
const linesPerMail = 20;
const runs = 3;

/**
 * How fast `postern replay` reads, as whole processes, start and report included: a log in which every line is a mail
 * flow (JSON lines), and one in which one line of twenty is (Zeek). The floor is Node reading the first file and parsing
 * each line as JSON, and doing nothing with it.
 */
export const replay: Bench = {
  name: 'replay',
  about: 'flows and lines a second of postern replay, and the most memory that it takes',
  withoutLab: true,
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
    try {
      const flows = household();
      const mail = join(folder, 'flows.jsonl');
      const mixed = join(folder, 'conn.log');
      await write(mail, flows, (flow) => [jsonLine(flow)]);
      await write(mixed, flows.slice(0, mailFlows / 4), zeekLines);
      const { size } = await stat(mail);
      say(`${flows.length} mail flows, ${Math.round(size / 1e6)} MB`);
      // By turns: what else the machine does meets them all.
      const ran: Record<'floor' | 'mail' | 'mixed', Ran[]> = { floor: [], mail: [], mixed: [] };
      for (let run = 0; run < runs; run += 1) {
        ran.floor.push(await timed(['-e', floor, mail]));
        ran.mail.push(await timed([bundle, 'replay', '--json', mail]));
        ran.mixed.push(await timed([bundle, 'replay', '--json', mixed]));
      }
      const seconds = (of: readonly Ran[]) =>
        quantile(
          of.map(({ s }) => s),
          0.5,
        );
      const figures = {
        flows_per_s: Math.round(flows.length / seconds(ran.mail)),
        lines_per_s: Math.round(((flows.length / 4) * linesPerMail) / seconds(ran.mixed)),
        ratio_to_floor: rounded(seconds(ran.mail) / seconds(ran.floor), 2),
        rss_mb: rounded(Math.max(...ran.mail.map(({ rssMb }) => rssMb)), 0),
      };
      say(
        `all mail: ${figures.flows_per_s} flows/s, ${figures.ratio_to_floor} times what reading and JSON.parse take`,
      );
      say(`one of ${linesPerMail} mail: ${figures.lines_per_s} lines/s; at most ${figures.rss_mb} MB`);
      return figures;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Devices of all families by turns, each at its own address, until there are enough flows. */
function household(): readonly MadeFlow[] {
  const flows: MadeFlow[] = [];
  for (let index = 0; flows.length < mailFlows; index += 1) {
    const family = families[index % families.length];
    const src = `10.0.${Math.floor(index / 200)}.${10 + (index % 200)}`;
    if (family) for (const flow of makeDevice(family, index).flows) flows.push({ ...flow, src });
  }
  return flows.sort((a, b) => a.tsS - b.tsS).slice(0, mailFlows);
}

const jsonLine = ({ tsS, src, dst, sport, dport, state, durationS, out, back }: MadeFlow) =>
  JSON.stringify({
    ts: rounded(tsS, 3),
    src,
    dst,
    sport,
    dport,
    state,
    dur: rounded(durationS, 3),
    pkts_out: out?.packets ?? 0,
    bytes_out: out?.bytes ?? 0,
    pkts_in: back?.packets ?? 0,
    bytes_in: back?.bytes ?? 0,
  });

const zeekState = { timeout: 'S0', refused: 'REJ', established: 'SF', est_nodata: 'SF' } as const;

/** The flow as Zeek writes it in JSON, after the web connections that go with it. */
function zeekLines({ tsS, src, dst, sport, dport, state, durationS, out, back }: MadeFlow): string[] {
  const line = (port: number, offsetS: number) =>
    JSON.stringify({
      ts: rounded(tsS + offsetS, 6),
      uid: 'CHhAvVGS1DHFjwGM9',
      'id.orig_h': src,
      'id.orig_p': sport,
      'id.resp_h': dst,
      'id.resp_p': port,
      proto: 'tcp',
      duration: rounded(durationS, 6),
      conn_state: zeekState[state],
      orig_pkts: out?.packets ?? 0,
      orig_ip_bytes: out?.bytes ?? 0,
      resp_pkts: back?.packets ?? 0,
      resp_ip_bytes: back?.bytes ?? 0,
    });
  return [...Array.from({ length: linesPerMail - 1 }, () => line(443, -0.000_001)), line(dport, 0)];
}

async function write(
  path: string,
  flows: readonly MadeFlow[],
  linesOf: (flow: MadeFlow) => readonly string[],
): Promise<void> {
  const file = createWriteStream(path);
  for (const flow of flows) {
    const text = `${linesOf(flow).join('\n')}\n`;
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => file.end(() => resolve()));
}

const floor = `let n = 0;
require('node:readline').createInterface({ input: require('node:fs').createReadStream(process.argv[1]) })
  .on('line', (line) => { if (JSON.parse(line).dport) n++; }).on('close', () => console.log(n));`;

/** Wall-clock seconds of one process, and the most memory that was seen of it. */
interface Ran {
  readonly s: number;
  readonly rssMb: number;
}

async function timed(args: readonly string[]): Promise<Ran> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let rssMb = 0;
  const watch = setInterval(() => {
    void memoryOf(child.pid ?? 0).then(
      (memory) => (rssMb = Math.max(rssMb, memory.rssMb)),
      () => undefined,
    );
  }, 200);
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return { s: (performance.now() - beganMs) / 1000, rssMb };
}
