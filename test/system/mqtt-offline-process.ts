// How much the heap grows by changes while there is no broker: node --expose-gc FILE URL
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { createSession } from '../../daemon/mqtt/session.ts';
import { mqttBrokerPort } from '../../daemon/system/mqtt-client.ts';
import { systemTimers } from '../../daemon/system/timers.ts';
import { deviceDocument, eventDocument, info, mqttConfig, statusDocument } from '../mqtt/documents.ts';

/** Of a large home. */
const devices = 250;
/** What an event's evidence may have. */
const evidence = Array.from({ length: 40 }, (_, line) => `evidence ${line} ${'x'.repeat(40)}`);

const session = createSession({
  config: { ...mqttConfig, url: process.argv[2] ?? '', discovery: 'homeassistant' },
  ...{ node: 'home', info, client: mqttBrokerPort, timers: systemTimers, random: 0 },
  onCondition: () => undefined,
  onRequest: () => undefined,
});
session.start();

let count = 0;
function change(times: number): void {
  for (const end = count + times; count < end; count++) {
    const device = (count % devices).toString(16).padStart(12, '0') as DeviceKey;
    session.device(device, deviceDocument({ device, connections: count, name: `camera ${count}` }));
    session.status(statusDocument({ refused: count }));
    session.event({ ...eventDocument(count), evidence });
  }
}

async function heapBytes(): Promise<number> {
  // Twice, with a rest: what finalizers hold goes with the second.
  for (let time = 0; time < 2; time++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

// Every topic and every place for an event is taken once.
change(1000);
const before = await heapBytes();
change(20_000);
const growth = (await heapBytes()) - before;
console.log(JSON.stringify({ growth, waiting: session.unsent().length, dropped: session.dropped().events }));
await session.stop();
process.exit(0);
