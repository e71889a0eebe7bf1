import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createInterface } from 'node:readline';
import { PacedServer, pause } from '../services/paced-server.ts';
import { type Behaviour, canonicalAddress, setUnreachable } from '../services/reach.ts';
import { makeTally } from '../services/tally.ts';
import { makeWebServer } from '../services/web-server.ts';

/** Arguments of the sink actor: its ports (465 is TLS from the start), and the certificate's files. */
export interface SinkArgs {
  readonly mailPorts: readonly number[];
  readonly webPort?: number;
  readonly delayMs: number;
  readonly keyFile: string;
  readonly certFile: string;
}

/** One line to the sink; it answers `{ id, ... }`. */
export interface SinkRequest {
  readonly id: number;
  readonly set?: SinkSettings;
  readonly reset?: true;
  readonly counts?: true;
  readonly accepted?: true;
}

/** Settings of a running sink. What is not named stays as it is. */
export interface SinkSettings {
  /** Before every reply, the greeting and the one after the message included. */
  readonly delayMs?: number;
  /** By destination address; an address never named accepts. */
  readonly behave?: Readonly<Record<string, Behaviour>>;
}

const args = JSON.parse(process.argv[2] ?? '') as SinkArgs;
const key = readFileSync(args.keyFile);
const cert = readFileSync(args.certFile);
const tally = makeTally();
const behaviours = new Map<string, Behaviour>();
let delayMs = args.delayMs;

function makeMailServer(port: number): PacedServer {
  return new PacedServer(
    {
      ...{ key, cert, secure: port === 465, name: 'sink.example', logger: false },
      ...{ disableReverseLookup: true, authOptional: true, allowInsecureAuth: true },
      onConnect: (_session, done) => {
        tally.connected();
        done();
      },
      onSecure: (_socket, _session, done) => done(),
      onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
      onMailFrom: (_address, _session, done) => done(),
      onRcptTo: (_address, session, done) => done(refusal(session.localAddress)),
      onData: (stream, session, done) => {
        const destination = canonicalAddress(session.localAddress);
        const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
        let bytes = 0;
        stream.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        stream.on('error', () => {});
        stream.on('end', () =>
          // Counted even if the client is gone by now: the whole message is here, a mail server would keep it.
          pause(delayMs, () => {
            tally.accepted({ atMs: Date.now(), sender, destination, port, bytes });
            done();
          }),
        );
      },
    },
    () => delayMs,
  );
}

function refusal(localAddress: string): Error | null {
  const behaviour = behaviours.get(canonicalAddress(localAddress));
  if (behaviour === 'tempfail') return Object.assign(new Error('Try again later'), { responseCode: 451 });
  if (behaviour === 'permfail') return Object.assign(new Error('No such mailbox'), { responseCode: 550 });
  return null;
}

function change(settings: SinkSettings): void {
  delayMs = settings.delayMs ?? delayMs;
  const named = Object.entries(settings.behave ?? {});
  for (const [address, behaviour] of named) behaviours.set(canonicalAddress(address), behaviour);
  if (named.length > 0) setUnreachable(behaviours);
}

function reset(): void {
  tally.reset();
  if (behaviours.size === 0) return;
  behaviours.clear();
  setUnreachable(behaviours);
}

function answer(request: SinkRequest): object {
  if (request.set) change(request.set);
  if (request.reset) reset();
  if (request.counts) return tally.counts();
  if (request.accepted) return { records: tally.records() };
  return {};
}

const servers: [Server, number][] = args.mailPorts.map((port) => [makeMailServer(port).server, port]);
if (args.webPort !== undefined) servers.push([makeWebServer(), args.webPort]);
await Promise.all(
  servers.map(async ([server, port]) => {
    server.listen({ port, host: '::', backlog: 4096 });
    await once(server, 'listening');
  }),
);
console.log(JSON.stringify({ ready: true }));

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as SinkRequest;
  try {
    console.log(JSON.stringify({ id: request.id, ...answer(request) }));
  } catch (error) {
    console.log(JSON.stringify({ id: request.id, error: String(error) }));
  }
}
process.exit(0);
