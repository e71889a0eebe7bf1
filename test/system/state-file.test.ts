import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readState, writeState } from '../../daemon/system/state-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-state-'));
  path = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('state file', () => {
  it('gives back what was written, readable by its owner only, and leaves nothing beside it', async () => {
    expect(await writeState(path, '{"schema":1}')).toBeUndefined();
    expect(await writeState(path, '{"schema":1,"b":2}')).toBeUndefined();
    expect(await readState(path)).toEqual({ kind: 'snapshot', snapshot: { schema: 1, b: 2 } });
    expect(readdirSync(folder)).toEqual(['state.json']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('makes its folder', async () => {
    const deeper = join(folder, 'a', 'state.json');
    expect(await writeState(deeper, '{}')).toBeUndefined();
    expect(await readState(deeper)).toEqual({ kind: 'snapshot', snapshot: {} });
  });

  it('says that there is none', async () => {
    expect(await readState(path)).toEqual({ kind: 'missing' });
  });

  it.each(['', '{"schema":1,', 'null', '7', '\0\0\0\0'])('sets a damaged file aside: %j', async (text) => {
    writeFileSync(path, text);
    expect(await readState(path)).toEqual({ kind: 'damaged', keptAs: `${path}.damaged` });
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    expect(await readState(path)).toEqual({ kind: 'missing' });
  });

  it('sets a file aside that is far too large', async () => {
    writeFileSync(path, `"${'x'.repeat(5_000_000)}"`);
    expect(await readState(path)).toMatchObject({ kind: 'damaged' });
  });

  it('tells what cannot be read or written, and throws nothing', async () => {
    mkdirSync(path);
    expect(await readState(path)).toMatchObject({ kind: 'unreadable' });
    expect(await writeState(path, '{}')).toMatch(/EISDIR|ENOTEMPTY|EEXIST|directory/);
    expect(readdirSync(folder)).toEqual(['state.json']);
    writeFileSync(join(folder, 'file'), '');
    expect(await writeState(join(folder, 'file', 'state.json'), '{}')).toMatch(/ENOTDIR|EEXIST/);
  });

  it('keeps the old file where the new one cannot be written, and follows no link', async () => {
    await writeState(path, '{"old":1}');
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, `${path}.new`);
    expect(await writeState(path, '{"new":1}')).toContain('ELOOP');
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(await readState(path)).toEqual({ kind: 'snapshot', snapshot: { old: 1 } });
    expect(await writeState(path, '{"new":1}')).toBeUndefined();
  });

  it('overwrites what a killed writer left', async () => {
    writeFileSync(`${path}.new`, 'half of something lo');
    expect(await writeState(path, '{}')).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('{}');
  });
});
