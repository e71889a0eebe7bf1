import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const chunk = Buffer.alloc(64 * 1024, 'x');
const stepMs = 20;

/** A web server: `GET /bytes/N?rate=R` gives N bytes at R bytes a second (unbounded without `rate`); POST is read and thrown away. */
export function makeWebServer(): Server {
  return createServer((request, response) => {
    response.on('error', () => {});
    if (request.method === 'GET') answer(request, response);
    else request.resume().on('end', () => response.end('ok\n'));
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://sink');
  const bytes = Number(/^\/bytes\/(\d+)$/.exec(url.pathname)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) {
    response.end('hello\n');
    return;
  }
  response.writeHead(200, { 'content-length': bytes });
  stream(response, bytes, Number(url.searchParams.get('rate') ?? Number.POSITIVE_INFINITY));
}

function stream(response: ServerResponse, bytes: number, bytesPerS: number): void {
  const startedAt = performance.now();
  let sent = 0;
  const step = () => {
    if (response.destroyed) return;
    const allowed = Math.min(bytes, bytesPerS * ((performance.now() - startedAt + stepMs) / 1000));
    let roomy = true;
    while (sent < allowed && roomy) {
      const piece = chunk.subarray(0, Math.min(Math.ceil(allowed - sent), chunk.length));
      roomy = response.write(piece);
      sent += piece.length;
    }
    if (sent >= bytes) response.end();
    else if (roomy) setTimeout(step, stepMs);
    else response.once('drain', step);
  };
  step();
}
