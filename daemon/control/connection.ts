import { createLineSplitter } from './line-splitter.ts';
import { formatAnswer, maxLineBytes, parseRequest, requestError, tooLong } from './protocol.ts';
import type { Answer, Request } from './request.ts';

/** The other end of one client, as the socket gives it. */
export interface ControlPeer {
  readonly write: (line: string) => void;
  /** Sends what was written, then closes. */
  readonly end: () => void;
}

/** Takes a request; `reply` may be called later, once. */
export type RequestHandler = (request: Request, reply: (answer: Answer) => void) => void;

/** One client's side of the control socket: bytes in, lines out. */
export interface ControlConnection {
  readonly receive: (chunk: Uint8Array) => void;
  /** Requests without an answer yet: such a client is not idle. */
  readonly waiting: () => number;
  /** The client is gone: answers that still come are dropped. */
  readonly closed: () => void;
}

/** Requests of one client that may wait at once; the next is refused. */
export const maxWaiting = 8;

/** The most clients at once, and what the next is told. */
export const maxClients = 8;
export const tooManyClients = formatAnswer(null, {
  ok: false,
  error: requestError('too_many', 'Eight clients are connected already', 'Close one, or try again in 30 s.'),
});

/** How long a client may be silent with no request waiting. Milliseconds. */
export const idleMs = 30_000;

/** Serves one client. Each line gets exactly one answer; a line too long ends the connection. */
export function createConnection(peer: ControlPeer, handle: RequestHandler): ControlConnection {
  const splitter = createLineSplitter(maxLineBytes);
  let waiting = 0;
  let open = true;

  const say = (line: string) => {
    if (open) peer.write(line);
  };

  function take(line: string): void {
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      say(formatAnswer(parsed.id, { ok: false, error: parsed.error }));
      return;
    }
    const { request } = parsed;
    if (waiting >= maxWaiting) {
      const error = requestError('too_many', 'Eight requests wait already', 'Wait for an answer first.');
      say(formatAnswer(request.id, { ok: false, error }));
      return;
    }
    waiting++;
    let answered = false;
    handle(request, (answer) => {
      if (answered) return;
      answered = true;
      waiting--;
      say(formatAnswer(request.id, answer));
    });
  }

  return {
    receive(chunk) {
      if (!open) return;
      const { lines, overlong } = splitter.push(chunk);
      for (const line of lines) take(line);
      if (!overlong) return;
      say(formatAnswer(null, { ok: false, error: tooLong }));
      open = false;
      peer.end();
    },
    waiting: () => waiting,
    closed() {
      open = false;
    },
  };
}
