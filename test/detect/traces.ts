import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSource } from '../../daemon/main-replay-source.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';

/** The flows of one device of a trace that lies outside of the project. */
export interface TraceDevice {
  /** The file's name without its endings: `infected_neris`. */
  readonly trace: string;
  readonly flows: readonly ReplayFlow[];
}

/** Whether the trace's own labels call it a bot: `infected` in JSON lines, `From-Botnet` in CTU-13's. */
export const isBotTrace = ({ flows }: TraceDevice): boolean =>
  flows.some(({ label }) => label !== undefined && /infected|botnet/i.test(label));

/**
 * The devices of every log in the folder that `postern replay` can read, their flows in the order of their starts. Files
 * that are none are passed over.
 */
export async function readTraces(folder: string): Promise<TraceDevice[]> {
  const devices: TraceDevice[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    const source = await openSource(path);
    const bySource = new Map<string, ReplayFlow[]>();
    for (;;) {
      await source.fill();
      const flow = source.next();
      if (!flow) break;
      const owner = flow.mac ?? flow.src;
      const flows = bySource.get(owner);
      if (flows) flows.push(flow);
      else bySource.set(owner, [flow]);
    }
    const trace = name.split('.')[0] ?? name;
    for (const flows of bySource.values()) devices.push({ trace, flows });
  }
  return devices;
}
