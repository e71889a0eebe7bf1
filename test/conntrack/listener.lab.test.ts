import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
// @ts-expect-error a plain module without types
import { compile } from '../ts.mjs';

let seen: Record<string, unknown>;

beforeAll(async () => {
  const file: string = await compile('test/conntrack/in-namespace.ts');
  const { stdout } = await promisify(execFile)('unshare', ['-n', process.execPath, file], {
    timeout: 60_000,
  });
  seen = JSON.parse(stdout);
});

test('the real conntrack tells of flows of both families, from SYN to the end', () => {
  const lives = seen['transitions'] as string[];
  for (const flow of ['::1 25', '127.0.0.1 587']) {
    const life = lives.filter((one) => one.endsWith(` ${flow}`)).map((one) => one.split(' ')[0]);
    expect(life[0]).toBe('opened');
    expect(life).toContain('established');
    expect(life).toContain('closed');
  }
});

test('one listing has both families and every port', () => {
  expect(seen['rows']).toEqual(['127.0.0.1 587 true', '::1 25 true']);
  expect(seen['complete']).toBe(true);
  expect(seen['assured']).toBe(2);
  expect(seen['listed']).toEqual(['progress', 'progress']);
});

test('flows are deleted by their tuple, once', () => {
  expect(seen['deleted']).toEqual([true, true]);
  expect(seen['deletedAgain']).toEqual([false, false]);
});

test('our own listener is not another one, a second one is', () => {
  expect(seen['alone']).toEqual([]);
  expect(seen['strangers']).toEqual([
    { isStranger: true, argv: expect.arrayContaining(['conntrack', 'NEW,DESTROY']), isOrphan: false },
  ]);
});

test('a killed reader is told and comes back; a restart is told too', () => {
  expect(seen['told']).toEqual(['listening', 'gap exit', 'listening', 'listening', 'gap resync']);
  expect(seen['counts']).toMatchObject({ starts: 3, overlong: 0, refused: 0, overruns: 0 });
});
