import net from 'node:net';

/** What went through, both ways, without what TCP adds. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** A relay between a client and a broker that counts. */
export interface Relay {
  readonly port: number;
  traffic(): Traffic;
  stop(): void;
}

/** Relays to a port of loopback. */
export async function startRelay(to: number): Promise<Relay> {
  const total = { packets: 0, bytes: 0 };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const broker = net.connect(to, '127.0.0.1');
    for (const [from, onward] of [
      [client, broker],
      [broker, client],
    ] as const) {
      const packetsIn = createPacketCounter();
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        total.bytes += chunk.length;
        total.packets += packetsIn(chunk);
        onward.write(chunk);
      });
      from.on('error', () => onward.destroy());
      from.on('close', () => {
        sockets.delete(from);
        onward.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    traffic: () => ({ ...total }),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Counts the packets that begin in each chunk of a stream: a byte, the length in one to four bytes of 7 bits, and so much. */
function createPacketCounter(): (chunk: Uint8Array) => number {
  let rest = 0;
  let length = 0;
  let place = -1;
  return (chunk) => {
    let began = 0;
    for (let at = 0; at < chunk.length; ) {
      if (rest > 0) {
        const passed = Math.min(rest, chunk.length - at);
        rest -= passed;
        at += passed;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (place < 0) {
        began++;
        place = 0;
        length = 0;
        continue;
      }
      length += (byte & 127) << (7 * place++);
      if (byte < 128) {
        rest = length;
        place = -1;
      }
    }
    return began;
  };
}
