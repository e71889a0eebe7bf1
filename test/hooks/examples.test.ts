import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hookEnvironment, hookInput } from '../../daemon/hooks/hook-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-examples-'));
const stubs = join(folder, 'stubs');
const record = join(folder, 'record');
const found = (program: string) =>
  spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();

/** The shells of OpenWrt and Debian. */
const shells = [['dash'], ['busybox', 'sh']].filter(([program = '']) => found(program) !== '');

/** Names that a device may have chosen, and what each tries to be. */
const hostile = [
  'camera',
  '"; touch "$BAD"; "',
  "'; touch $BAD; '",
  '$(touch $BAD)',
  '`touch $BAD`',
  '-o /tmp/x --config /etc/passwd',
  '@/etc/passwd',
  'x\nBcc: everybody@example.net\n\n.\nQUIT',
  'x\r\nSubject: other\r\n\r\nother body',
  '<b>x</b> *x* _x_ [x](https://evil.example) &amp; %0a \\n \\',
  'url = "https://evil.example"\nEND\noutput = "x"',
  'Küche \u202e\u2028\u0000\u001b[2J',
  'x'.repeat(5000),
];

/** Writes a copy of an example with values of its own, as a person would edit it. */
function edited(name: string, values: Readonly<Record<string, string>>): string {
  let script = readFileSync(join('docs/hooks', name), 'utf8');
  for (const [variable, value] of Object.entries(values))
    script = script.replace(new RegExp(`^${variable}='.*?'`, 'm'), `${variable}='${value}'`);
  const path = join(folder, name);
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

interface Outcome {
  readonly code: number | null;
  readonly errors: string;
}

/** Runs a script as a hook is run, and sees that nothing was run in its place. */
async function run(
  shell: readonly string[],
  path: string,
  env: Readonly<Record<string, string>>,
  programs = stubs,
): Promise<Outcome> {
  const [program = '', ...args] = shell;
  const bad = join(folder, 'bad');
  const child = spawn(found(program), [...args, path], {
    env: { PATH: programs, BAD: bad, RECORD: record, ...env },
    cwd: folder,
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end('{"id":"x"}\n');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(existsSync(bad)).toBe(false);
  return { code, errors };
}

const documentOf = (name: string, type: string) => ({
  ...{ schema: 1, id: 'home-1.2', type, at: '2026-11-21T14:02:03Z', node: 'home', incident: 'home-1', name },
  text: `${name} is blocked. Its mail is blocked for 60 min.`,
});
/** As a hook gets it: nothing unprintable is in it. */
const given = (name: string, type = 'blocked') => {
  const document = documentOf(name, type);
  return hookEnvironment({ id: document.id, type, document });
};
/** As it would be if nobody had cleaned it: the examples must be safe by themselves. */
const raw = (name: string, type = 'blocked') => {
  const clean = name.replaceAll('\0', '');
  return { ...given(name, type), POSTERN_NAME: clean, POSTERN_TEXT: documentOf(clean, type).text };
};
const ways = { given, raw };

/** What a stub was called with. */
const called = () => ({
  argv: readFileSync(join(record, 'argv'), 'utf8').split('\0').slice(0, -1),
  stdin: readFileSync(join(record, 'stdin'), 'utf8'),
});

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
let received: Received[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { method, url, headers } = request;
    received.push({ method, url, headers, body });
    response.statusCode = url?.startsWith('/refused') ? 403 : 200;
    response.end('{}');
  });
});
let origin: string;

/** A folder with these programs of the machine and no other. */
function only(...programs: readonly string[]): string {
  const path = mkdtempSync(join(folder, 'only-'));
  for (const program of programs) symlinkSync(found(program), join(path, program));
  return path;
}

beforeAll(async () => {
  mkdirSync(stubs);
  const stub = '#!/bin/sh\nprintf "%s\\0" "$@" >"$RECORD/argv"\nexec cat >"$RECORD/stdin"\n';
  for (const program of ['curl', 'sendmail']) writeFileSync(join(stubs, program), stub, { mode: 0o755 });
  for (const program of ['cat', 'tr', 'date']) symlinkSync(found(program), join(stubs, program));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  received = [];
  rmSync(record, { recursive: true, force: true });
  mkdirSync(record);
});

describe.each(shells.map((shell) => ({ shell })))('with $shell', ({ shell }) => {
  describe.each(['given', 'raw'] as const)('and names as %s', (way) => {
    it('ntfy gives curl the text as one argument, and what is ours by its input', async () => {
      const path = edited('ntfy', { url: 'https://ntfy.example/t', token: 'tk_1' });
      for (const name of hostile) {
        const env = ways[way](name);
        expect(await run(shell, path, env)).toEqual({ code: 0, errors: '' });
        expect(called()).toEqual({
          argv: [
            ...['--fail', '--silent', '--show-error', '--max-time', '8', '--output', '/dev/null'],
            ...['--data-raw', env.POSTERN_TEXT, '--config', '-'],
          ],
          stdin:
            'url = "https://ntfy.example/t?title=Postern&priority=high&tags=rotating_light"\n' +
            'header = "Authorization: Bearer tk_1"\n',
        });
      }
    });

    it.skipIf(found('curl') === '')('ntfy arrives through curl as it is', async () => {
      const path = edited('ntfy', { url: `${origin}/topic`, token: 'tk_1' });
      const programs = only('curl', 'cat');
      for (const name of hostile) {
        const env = ways[way](name);
        received = [];
        expect(await run(shell, path, env, programs)).toEqual({ code: 0, errors: '' });
        expect(received).toMatchObject([
          {
            method: 'POST',
            url: '/topic?title=Postern&priority=high&tags=rotating_light',
            headers: { authorization: 'Bearer tk_1' },
            body: env.POSTERN_TEXT,
          },
        ]);
      }
    });

    it.skipIf(found('wget') === '')('ntfy arrives through wget as it is', async () => {
      const path = edited('ntfy', { url: `${origin}/topic` });
      const programs = only('wget');
      for (const name of hostile) {
        const env = ways[way](name, 'test');
        received = [];
        expect(await run(shell, path, env, programs)).toEqual({ code: 0, errors: '' });
        expect(received).toMatchObject([
          { method: 'POST', url: '/topic?title=Postern&tags=shield', body: env.POSTERN_TEXT },
        ]);
      }
    });

    it('telegram gives curl the text as one field of a form, and the token by its input', async () => {
      const path = edited('telegram', { token: '123:abc', chat: '-100' });
      for (const name of hostile) {
        const env = ways[way](name);
        expect(await run(shell, path, env)).toEqual({ code: 0, errors: '' });
        expect(called()).toEqual({
          argv: [
            ...['--fail', '--silent', '--show-error', '--max-time', '8', '--output', '/dev/null'],
            ...['--data-urlencode', 'chat_id=-100', '--data-urlencode', 'disable_web_page_preview=true'],
            ...['--data-urlencode', `text=${env.POSTERN_TEXT}`, '--config', '-'],
          ],
          stdin: 'url = "https://api.telegram.org/bot123:abc/sendMessage"\n',
        });
      }
    });

    it('mail has our headers and no other, one recipient, and the text in its body', async () => {
      const path = edited('mail', { to: 'me@home.example', from: 'router@home.example' });
      for (const name of hostile) {
        const env = ways[way](name);
        expect(await run(shell, path, env)).toEqual({ code: 0, errors: '' });
        const { argv, stdin } = called();
        expect(argv).toEqual(['-i', '-f', 'router@home.example', '--', 'me@home.example']);
        const [head = '', ...body] = stdin.split('\n\n');
        const headers = head.split('\n');
        expect(headers.map((line) => line.split(': ')[0])).toEqual([
          ...['From', 'To', 'Date', 'Subject', 'Auto-Submitted', 'MIME-Version', 'Content-Type'],
          'Content-Transfer-Encoding',
        ]);
        expect(headers[3]).toMatch(/^Subject: Postern: blocked: [A-Za-z0-9 ._():-]{0,60}$/);
        expect(head).toMatch(/^[\x20-\x7e\n]*$/);
        const start = Buffer.from(env.POSTERN_TEXT).subarray(0, 900).toString();
        expect(body.join('\n\n')).toContain(start.replace(/\n+$/, '').replace(/\ufffd$/, ''));
        expect(Math.max(...stdin.split('\n').map((line) => line.length))).toBeLessThan(998);
      }
    });
  });

  it.each(['ntfy', 'telegram', 'mail'])(
    '%s is quiet about what is no news, and fails where it is not set up',
    async (name) => {
      for (const type of ['opened', 'verified', 'still_trying', 'closed', 'degraded', 'something new'])
        expect(await run(shell, join(process.cwd(), 'docs/hooks', name), given('x', type))).toEqual({
          code: 0,
          errors: '',
        });
      const unset = await run(shell, join(process.cwd(), 'docs/hooks', name), given('x'));
      expect(unset).toMatchObject({ code: 1, errors: expect.stringContaining('first') });
      expect(existsSync(join(record, 'argv'))).toBe(false);
    },
  );

  const settings = {
    ntfy: { url: 'https://ntfy.example/t' },
    telegram: { token: '123:abc', chat: '-100' },
    mail: { to: 'me@home.example', from: 'router@home.example' },
  };
  it.each(['ntfy', 'telegram', 'mail'] as const)('%s tells of a storm and what to do', async (name) => {
    const path = edited(name, settings[name]);
    for (const type of ['summary', 'reachable', 'tried_again', 'clean']) {
      rmSync(join(record, 'argv'), { force: true });
      expect(await run(shell, path, given('x', type))).toEqual({ code: 0, errors: '' });
      expect(existsSync(join(record, 'argv')), type).toBe(true);
    }
    const env = { ...given('x'), POSTERN_REMEDIES: 'Update it.\nReset it; `touch $BAD`.' };
    expect(await run(shell, path, env)).toEqual({ code: 0, errors: '' });
    const { argv, stdin } = called();
    expect([...argv, stdin].join('\n')).toContain(`What to do:\n${env.POSTERN_REMEDIES}`);
  });

  it('they fail where the program fails or is missing', async () => {
    const refused = edited('ntfy', { url: `${origin}/refused` });
    for (const program of ['curl', 'wget'].filter((one) => found(one) !== ''))
      expect((await run(shell, refused, given('x'), only(program, 'cat'))).code).not.toBe(0);
    const mail = edited('mail', { to: 'me@home.example', from: 'router@home.example' });
    expect(await run(shell, mail, given('x'), only('cat', 'tr', 'date'))).toMatchObject({
      code: 1,
      errors: expect.stringContaining('no sendmail'),
    });
  });
});

it('there is a shell to try them with', () => {
  expect(shells).not.toEqual([]);
  expect(hookInput({ id: 'x', type: 'y', document: {} })).toBe('{}\n');
});
