import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Answer, Request } from '../../daemon/control/request.ts';
import { type ControlServer, serveControl } from '../../daemon/system/unix-socket.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line, built, and a socket that answers it as the test says. To be called once, at the top of a file. */
export function commandLine() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  const program = join(folder, 'cli.mjs');
  const socket = join(folder, 'postern.sock');
  const asked: Request[] = [];
  let server: ControlServer;
  let answer: (request: Request) => Answer = () => ({ ok: true, data: {} });

  beforeAll(async () => {
    await build({
      entryPoints: ['test/cli/cli-process.ts'],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    });
    const result = await serveControl({
      path: socket,
      serve: (request, reply) => {
        asked.push(request);
        reply(answer(request));
      },
    });
    if (result.kind !== 'serving') throw new Error(result.kind);
    server = result.server;
  });

  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  const postern = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      execFile(process.execPath, [program, ...words], (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, err });
      });
    });
  const answers = (by: (request: Request) => Answer) => {
    answer = by;
  };
  return {
    folder,
    /** What the program asked of the socket, in this test. */
    asked,
    postern,
    ask: (...words: string[]) => postern(...words, '--socket', socket),
    answers,
    gives: (data: unknown) => answers(() => ({ ok: true, data })),
  };
}
