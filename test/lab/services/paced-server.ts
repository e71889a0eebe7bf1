import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';

/** Calls `then` after `delayMs`, at once for 0. */
export function pause(delayMs: number, then: () => void): void {
  if (delayMs > 0) setTimeout(then, delayMs);
  else then();
}

// The library greets after a fixed 100 ms and hangs up on who talks first. A mail server under measurement
// may do neither: here the delay is the lab's, and early words wait in the socket until the greeting is out.
class PacedConnection extends SMTPConnection {
  readonly #delay: () => number;

  constructor(server: PacedServer, socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null) {
    super(server, socket, options);
    this.#delay = server.delay;
  }

  override init(): void {
    this._socket.on('error', () => {});
    this._socket.on('close', () => this._server.connections.delete(this));
    pause(this.#delay(), () => {
      if (!this._socket.destroyed) this._setListeners(() => this.connectionReady());
    });
  }

  // One reply per command, and the parser waits for the callback: to delay the command is to delay the reply,
  // also within TLS and for a client that does not wait for replies.
  override _onCommand(command: Buffer, callback?: () => void): void {
    pause(this.#delay(), () => {
      if (this._parser) super._onCommand(command, callback);
    });
  }

  // The sockets are allowed to be half open, so that a client that sends all and leaves is still read to its
  // last word. Somebody then has to close our half.
  override _createParser(): ReturnType<SMTPConnection['_createParser']> {
    const parser = super._createParser();
    parser.once('finish', () => this.close());
    return parser;
  }
}

/** nodemailer's SMTP server with a delay, asked for anew each time, before every reply. */
export class PacedServer extends SMTPServer {
  readonly delay: () => number;

  constructor(options: ConstructorParameters<typeof SMTPServer>[0], delay: () => number) {
    super({ ...options, allowHalfOpen: true });
    this.delay = delay;
    this.on('error', () => {});
  }

  override connect(socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null): void {
    const connection = new PacedConnection(this, socket, options);
    this.connections.add(connection);
    connection.on('error', () => {});
    connection.init();
  }
}
