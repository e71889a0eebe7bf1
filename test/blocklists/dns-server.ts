import { createSocket, type Socket } from 'node:dgram';

/** How a name is answered: with addresses, an error code of DNS (RFC 1035, 4.1.1), bytes that are no answer, or not at all. */
export type Reply =
  | { readonly addresses: readonly string[] }
  | { readonly rcode: number }
  | 'garbage'
  | 'silence';

/** A DNS server on loopback that answers as it is told; names that it does not know do not exist. */
export async function startDnsServer(
  reply: (name: string) => Reply,
): Promise<{ readonly address: string; readonly asked: string[]; stop(): void }> {
  const socket: Socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, peer) => {
    const { name, end } = nameIn(question);
    asked.push(name);
    const made = reply(name);
    if (made === 'silence') return;
    const bytes = made === 'garbage' ? Buffer.from('no answer at all') : answerTo(question, end, made);
    socket.send(bytes, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${socket.address().port}`, asked, stop: () => void socket.close() };
}

/** The name of the question, and where the question ends (RFC 1035, 4.1.2). */
function nameIn(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 5 };
}

function answerTo(
  question: Buffer,
  end: number,
  made: { readonly addresses: readonly string[] } | { readonly rcode: number },
): Buffer {
  const addresses = 'addresses' in made ? made.addresses : [];
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | ('rcode' in made ? made.rcode : 0), 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  // A pointer to the name in the question, type A, class IN, a minute, four bytes.
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, question.subarray(12, end), ...records]);
}
