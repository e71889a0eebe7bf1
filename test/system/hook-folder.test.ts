import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHookFolder } from '../../daemon/system/hook-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-hooks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const uid = process.getuid?.() ?? 0;
const put = (name: string, mode = 0o755) => {
  writeFileSync(join(folder, name), '#!/bin/sh\n');
  chmodSync(join(folder, name), mode);
};

test('gives the hooks by name, and says of all else why it does not run', () => {
  for (const name of ['20-mail', '10-ntfy', 'telegram']) put(name);
  put('README', 0o644);
  put('open', 0o777);
  put('a b');
  mkdirSync(join(folder, 'old'));
  symlinkSync(join(folder, 'telegram'), join(folder, 'link'));
  const { hooks, skipped } = readHookFolder(folder, uid);
  expect(hooks).toEqual(['10-ntfy', '20-mail', 'telegram']);
  expect(skipped.map((text) => text.split(' is ')[0]?.split(' can ')[0]?.split(' may ')[0])).toEqual([
    ...['README', 'a b', 'link', 'old', 'open'],
  ]);
});

test('gives sixteen at most, and says so', () => {
  for (let number = 10; number < 30; number++) put(`hook-${number}`);
  const { hooks, skipped } = readHookFolder(folder, uid);
  expect(hooks).toHaveLength(16);
  expect(hooks.at(-1)).toBe('hook-25');
  expect(skipped).toEqual(['hook-26 and what follows it do not run: at most 16 hooks do']);
});

test('gives none of a folder that others may write to, or that is not there', () => {
  put('ntfy');
  chmodSync(folder, 0o777);
  expect(readHookFolder(folder, uid)).toEqual({
    hooks: [],
    skipped: [`${folder} can be written by others: chmod go-w; no hook runs`],
  });
  const absent = readHookFolder(join(folder, 'absent'), uid);
  expect(absent).toEqual({ hooks: [], skipped: [expect.stringContaining('ENOENT')] });
});
