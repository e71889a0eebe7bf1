import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Why a session ended early: a kind for the statistics, such as ECONNRESET, timeout, closed or 451. */
export class SessionError extends Error {
  readonly kind: string;

  constructor(kind: string) {
    super(kind);
    this.kind = kind;
  }
}

/** A raw SMTP client connection: lines out, replies (their codes) in, each wait bounded in time. */
export class SmtpSocket {
  connected: boolean = false;
  #socket: Socket;
  readonly #timeoutMs: number;
  #text = '';
  #failure: SessionError | undefined;
  #wake: () => void = () => {};

  constructor(host: string, port: number, timeoutMs = 3000) {
    this.#timeoutMs = timeoutMs;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.once('connect', () => {
      this.connected = true;
      this.#wake();
    });
    this.#listen();
  }

  /** Waits for the connection. Rejects with a {@link SessionError}. */
  opened(): Promise<void> {
    return this.#until(() => (this.connected ? true : undefined)).then(() => {});
  }

  /** Waits for the next whole reply and returns its code. */
  reply(): Promise<number> {
    return this.#until(() => {
      const match = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(this.#text);
      if (!match) return undefined;
      this.#text = this.#text.slice(match[0].length);
      return Number(match[1]);
    });
  }

  /** Sends a line and returns the code of its reply; a code of another class than `expected` rejects. */
  async command(line: string, expected = 2): Promise<number> {
    this.write(`${line}\r\n`);
    return this.expect(expected);
  }

  /** Waits for a reply of the class `expected`. */
  async expect(expected: number): Promise<number> {
    const code = await this.reply();
    if (Math.floor(code / 100) !== expected) throw new SessionError(String(code));
    return code;
  }

  /** Nothing more will come of it. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  write(text: string | Buffer): void {
    this.#socket.write(text);
  }

  /** Goes on in TLS, trusting any certificate. */
  async startTls(): Promise<void> {
    this.#socket.removeAllListeners();
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    this.#socket = secure;
    let ready = false;
    secure.once('secureConnect', () => {
      ready = true;
      this.#wake();
    });
    this.#listen();
    await this.#until(() => (ready ? true : undefined));
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? 'error'));
    this.#socket.on('close', () => this.#fail('closed'));
  }

  #fail(kind: string): void {
    this.#failure ??= new SessionError(kind);
    this.#wake();
  }

  #until<Value>(look: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail('timeout'), this.#timeoutMs);
      this.#wake = () => {
        const value = look();
        if (value === undefined && !this.#failure) return;
        clearTimeout(timer);
        this.#wake = () => {};
        if (value !== undefined) resolve(value);
        else reject(this.#failure);
      };
      this.#wake();
    });
  }
}

/** A message of about `bytes` bytes, ready to follow a 354: dots are not doubled because no line begins with one. */
export function messageText(from: string, to: string, bytes = 700): string {
  const head = `From: <${from}>\r\nTo: <${to}>\r\nSubject: An offer for you\r\n\r\n`;
  const line = `${'Buy now, it is cheap and it is good. '.repeat(2)}\r\n`;
  return `${head}${line.repeat(Math.max(1, Math.round((bytes - head.length) / line.length)))}.\r\n`;
}
