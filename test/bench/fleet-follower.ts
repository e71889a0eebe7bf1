import { connect } from 'mqtt';

/** A consumer that follows all nodes, as a dashboard does: a session that the cluster keeps for it, with QoS 1. */
export interface Follower {
  /** How often each event came, by its id. */
  readonly seen: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Follows at the first of the brokers, and where that one is gone at the next. */
export async function follow(ports: readonly number[]): Promise<Follower> {
  const seen = new Map<string, number>();
  const client = connect({
    servers: ports.map((port) => ({ host: '127.0.0.1', port, protocol: 'mqtt' as const })),
    ...{ clientId: 'dashboard', clean: false, reconnectPeriod: 500, connectTimeout: 5000 },
  });
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    const { id } = JSON.parse(payload.toString()) as { id: string };
    seen.set(id, (seen.get(id) ?? 0) + 1);
  });
  await client.subscribeAsync('postern/+/event', { qos: 1 });
  return { seen, stop: () => client.endAsync(true) };
}

/** What lies at one broker, by topic; waits until nothing more comes. */
export async function retainedAt(port: number): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const client = connect({ host: '127.0.0.1', port, protocol: 'mqtt', reconnectPeriod: 0 });
  let lastMs = performance.now();
  client.on('error', () => undefined);
  client.on('message', (topic, payload, { retain }) => {
    if (!retain) return;
    lastMs = performance.now();
    found.set(topic, payload.toString());
  });
  await client.subscribeAsync('#', { qos: 0 });
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (performance.now() - lastMs < 2000) return;
      clearInterval(look);
      resolve();
    }, 100);
  });
  await client.endAsync(true);
  return found;
}
