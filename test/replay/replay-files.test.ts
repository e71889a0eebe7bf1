import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeInput } from '../../daemon/engine/recording.ts';
import { servers as far, tv, world } from '../engine/world.ts';
import { fixture, fixturePath, fixtures } from './judge-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-replay-'));
const program = join(folder, 'cli.cjs');

beforeAll(async () => {
  await build({
    entryPoints: ['daemon/cli.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

function replay(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'replay', ...words], (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    );
  });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const devicesOf = (out: string): unknown => (JSON.parse(out) as { devices: unknown }).devices;

describe('logs', () => {
  test('a table for people, with what was decided and why', async () => {
    const { code, out, err } = await replay(fixturePath('flows.jsonl'));
    expect(code).toBe(0);
    expect(out).toMatch(/^DEVICE +CLASS +FLOWS +RESTRICTED +BLOCKED +SCORE +MESSAGES$/m);
    expect(out).toMatch(
      /^192\.168\.1\.21 +unknown +4 +at 3, 40 s, 0 leaked +at 4, 60 s, 1 leaked +11\.8 +1$/m,
    );
    expect(out).toMatch(/^192\.168\.1\.22 +unknown +4 +- +- /m);
    expect(out).toContain('  11-14 22:13:41 no message went through 198.51.100.9:587');
    expect(err).toContain('flows as JSON lines, 9 lines, 8 mail flows');
  });

  test('gzipped, in every format: the same JSON', async () => {
    const plain = devicesOf((await replay('--json', fixturePath('flows.jsonl'))).out);
    for (const name of fixtures) {
      const { code, out } = await replay('--json', file(`${name}.gz`, gzipSync(fixture(name))));
      expect(code, name).toBe(0);
      const document: unknown = JSON.parse(out);
      expect(document).toMatchObject({ schema: 1, preset: 'normal', enforce: false, devices: plain });
    }
  });

  test('pieces of several kinds and in any order are merged by their time', async () => {
    const whole = devicesOf((await replay('--json', fixturePath('flows.jsonl'))).out);
    const lines = fixture('flows.jsonl').trim().split('\n');
    const [heading, ...rows] = fixture('argus.binetflow').trim().split('\n');
    const isFirst = (text: string) => /4000[13]|5000[24]/.test(text);
    const some = file('some.jsonl', lines.filter(isFirst).join('\n'));
    const others = file('others.csv', [heading, ...rows.filter((row) => !isFirst(row))].join('\n'));
    for (const paths of [
      [some, others],
      [others, some],
    ]) {
      expect(devicesOf((await replay('--json', ...paths)).out)).toEqual(whole);
    }
  });

  test('options reach the judgement', async () => {
    const words = ['--json', '--enforce', '--class', 'iot', '--preset', 'strict', '--lan', '192.168.1.21'];
    const { out, err } = await replay(...words, fixturePath('zeek-conn.log'));
    expect(JSON.parse(out)).toMatchObject({
      preset: 'strict',
      enforce: true,
      home: 'lan',
      devices: [{ device: '192.168.1.21', class: 'iot', messages: 0, refused: expect.any(Number) }],
    });
    expect(err).toContain('4 mail flows of sources outside --lan were left out');
  });

  test('lines that cannot be read are counted and do no harm', async () => {
    const text = fixture('argus.binetflow').replace('192.168.1.21,40001', 'nobody,40001').concat('garbage\n');
    const { code, out, err } = await replay('--json', file('damaged.csv', text));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ files: [{ flows: 7, unreadable: 2 }] });
    expect(err).toContain('2 lines could not be read');
  });

  test('a long answer comes whole through a pipe, which takes 64 KiB at a time', async () => {
    const [line = ''] = fixture('flows.jsonl').split('\n');
    const lines = Array.from({ length: 600 }, (_, index) =>
      line.replaceAll('192.168.1.21', `10.1.${index >> 8}.${index & 255}`),
    );
    const { out } = await replay('--json', file('homes.jsonl', lines.join('\n')));
    expect(out.length).toBeGreaterThan(4 * 65_536);
    expect(JSON.parse(out)).toHaveProperty('devices.length', 600);
  });

  test('a gzip cut short gives what is in it', async () => {
    const lines = fixture('flows.jsonl').repeat(200);
    const packed = gzipSync(lines);
    const { code, out } = await replay('--json', file('short.gz', packed.subarray(0, packed.length - 40)));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ devices: [{}, {}] });
  });
});

describe('what cannot be replayed', () => {
  test('a file of no known format: its name, and what there is', async () => {
    const path = file('letter.txt', 'Dear all,\nthis is no log.\n');
    const { code, out, err } = await replay('--json', fixturePath('flows.jsonl'), path);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`${path}: is none of the logs that can be read: conntrack event log`);
    expect(err).toContain('Zeek conn.log');
  });

  test('a file that is not there', async () => {
    const { code, err } = await replay(join(folder, 'none'));
    expect(code).toBe(1);
    expect(err).toContain('no such file');
  });

  test('an empty file is said to be one', async () => {
    const { code, out, err } = await replay(file('empty', ''));
    expect(code).toBe(0);
    expect(out).toContain('No device at home mailed.');
    expect(err).toContain('is empty');
  });
});

describe('recordings', () => {
  const made = world();
  for (const server of far.slice(0, 6)) {
    made.open(tv.address, server);
    made.pass(20_000);
  }
  const text = made.inputs.map(({ at, ...input }) => `${encodeInput(input, at)}\n`).join('');

  test('are replayed as the daemon took them, gzipped or not', async () => {
    for (const content of [text, gzipSync(text)]) {
      const { code, out } = await replay('--json', file('recording', content));
      expect(code).toBe(0);
      const { devices, unread } = JSON.parse(out) as { devices: { state: string }[]; unread: number };
      expect(devices[0]?.state).toBe(made.state.records.values().next().value?.ban?.hold);
      expect(unread).toBe(0);
    }
  });

  test('come alone', async () => {
    const { code, err } = await replay(fixturePath('flows.jsonl'), file('recording', text));
    expect(code).toBe(1);
    expect(err).toContain('one at a time');
  });
});
