import net from 'node:net';
import { createLineSplitter } from '../control/line-splitter.ts';
import { formatRequest, maxLineBytes, parseAnswer } from '../control/protocol.ts';
import type { Answer, Request } from '../control/request.ts';

/** What came of a request: an answer (which may be a refusal), or why there is none. */
export type Asked =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'not running'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

/** Sends one request over the control socket and waits for its answer. Never rejects. */
export function askControl(path: string, request: Request, timeoutMs: number): Promise<Asked> {
  return new Promise((resolve) => {
    const splitter = createLineSplitter(maxLineBytes);
    const socket = net.connect(path);
    const timer = setTimeout(
      () => end({ kind: 'failed', detail: `no answer in ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    const end = (asked: Asked) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(asked);
    };
    socket.on('connect', () => socket.write(formatRequest(request)));
    socket.on('error', (error: NodeJS.ErrnoException) => end(troubleOf(error, path)));
    socket.on('close', () => end({ kind: 'failed', detail: 'the daemon closed the connection' }));
    socket.on('data', (chunk: Buffer) => {
      const { lines, overlong } = splitter.push(chunk);
      for (const line of lines) {
        const parsed = parseAnswer(line);
        // An answer without an id is to the connection as a whole: too many clients.
        if (parsed && (parsed.id === request.id || parsed.id === null)) {
          end({ kind: 'answer', answer: parsed.answer });
          return;
        }
      }
      if (overlong || lines.length > 0) end({ kind: 'failed', detail: 'the answer could not be read' });
    });
  });
}

function troubleOf(error: NodeJS.ErrnoException, path: string): Asked {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { kind: 'not running', detail: `nobody listens on ${path}` };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'failed', detail: `no right to use ${path}: try as root` };
    default:
      return { kind: 'failed', detail: error.message };
  }
}
