import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { flowJsonl } from '../../daemon/replay/flow-jsonl.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';

/** The flows of one device of a trace that lies outside of the project. */
export interface TraceDevice {
  /** The file's name without its ending: `infected_neris`. */
  readonly trace: string;
  readonly flows: readonly ReplayFlow[];
}

/** The devices of every `*.jsonl` and `*.jsonl.gz` in the folder, their flows in the order of their starts. */
export async function readTraces(folder: string): Promise<TraceDevice[]> {
  const names = (await readdir(folder)).filter((name) => /\.jsonl(\.gz)?$/.test(name)).sort();
  const devices: TraceDevice[] = [];
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const bySource = new Map<string, ReplayFlow[]>();
    const parser = flowJsonl.open();
    const give = (flow: ReplayFlow) => {
      const flows = bySource.get(flow.src) ?? [];
      flows.push(flow);
      bySource.set(flow.src, flows);
    };
    for (const line of text.split('\n')) if (line !== '') parser.line(line, give);
    parser.end(give);
    const trace = name.replace(/\.jsonl(\.gz)?$/, '');
    for (const flows of bySource.values()) {
      devices.push({ trace, flows: flows.sort((a, b) => a.tsS - b.tsS) });
    }
  }
  return devices;
}
