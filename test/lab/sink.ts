import { join } from 'node:path';
import type { SinkArgs, SinkRequest, SinkSettings } from './actors/sink.ts';
import { compileActors } from './compile-actors.ts';
import type { Holder } from './holder.ts';
import type { HostName } from './home.ts';
import { LabProcess } from './lab-process.ts';
import type { Accepted, Counts } from './services/tally.ts';

/** A running mail sink. Every figure comes from the server's side. */
export interface Sink {
  /** Changes the delay before replies, or what single addresses do. */
  set(settings: SinkSettings): Promise<void>;
  counts(): Promise<Counts>;
  /** Each accepted message, oldest first. */
  accepted(): Promise<readonly Accepted[]>;
  /** Forgets all counts and lets every address accept again; the delay stays. Sessions under way go on. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a sink on a host; resolves when all its ports listen. */
export async function startSink(holder: Holder, host: HostName, args: SinkArgs): Promise<Sink> {
  const program = join(await compileActors(), 'sink.mjs');
  const server = new LabProcess(holder.enter(host, [process.execPath, program, JSON.stringify(args)]));
  await server.waitForLine(/"ready"/, 30_000);
  let lastId = 0;
  const ask = async <Reply>(request: Omit<SinkRequest, 'id'>): Promise<Reply> => {
    lastId += 1;
    // Replies may be large, and nobody reads them twice.
    server.lines.length = 0;
    const reply = server.waitForLine(new RegExp(`^\\{"id":${lastId}[,}]`));
    server.write(JSON.stringify({ id: lastId, ...request }));
    const { id: _id, error, ...rest } = JSON.parse(await reply) as { id: number; error?: string };
    if (error !== undefined) throw new Error(`sink on ${host}: ${error}`);
    return rest as Reply;
  };
  return {
    set: async (settings) => void (await ask({ set: settings })),
    counts: () => ask<Counts>({ counts: true }),
    accepted: async () => (await ask<{ records: Accepted[] }>({ accepted: true })).records,
    reset: async () => void (await ask({ reset: true })),
    stop: async () => void (await server.stop()),
  };
}
