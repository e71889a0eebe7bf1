import { describe, expect, it } from 'vitest';
import { type FileFacts, unfitFolder, unfitHook } from '../../daemon/hooks/hook-file.ts';

const own = 300;
const file: FileFacts = { kind: 'file', mode: 0o755, uid: 0 };
const folder: FileFacts = { kind: 'folder', mode: 0o755, uid: 0 };

describe('a hook', () => {
  it.each(['ntfy', '10-mail', 'a.sh', 'A_b', '-x'])('may be called %s', (name) => {
    expect(unfitHook(name, file, own)).toBeUndefined();
  });

  it.each(['a b', '.ntfy.swp', 'ntfy~', 'a\nb', '$(id)', 'b\u00e4r', '', '..'])(
    'may not be called %j',
    (name) => {
      expect(unfitHook(name, file, own)).toContain('in its name');
    },
  );

  it.each<[string, Partial<FileFacts>]>([
    ['symbolic link', { kind: 'link' }],
    ['no regular file', { kind: 'folder' }],
    ['no regular file', { kind: 'other' }],
    ['not executable', { mode: 0o644 }],
    ['setuid', { mode: 0o4755 }],
    ['setuid', { mode: 0o2755 }],
    ['written by others', { mode: 0o775 }],
    ['written by others', { mode: 0o757 }],
    ['another user', { uid: 301 }],
  ])('is none where it is: %s', (reason, facts) => {
    expect(unfitHook('ntfy', { ...file, ...facts }, own)).toContain(reason);
  });

  it('may be our own, and for ourselves only', () => {
    expect(unfitHook('ntfy', { kind: 'file', mode: 0o700, uid: own }, own)).toBeUndefined();
  });
});

describe('the folder', () => {
  it('is root’s or our own, and nobody else may write there', () => {
    expect(unfitFolder(folder, own)).toBeUndefined();
    expect(unfitFolder({ ...folder, uid: own }, own)).toBeUndefined();
    expect(unfitFolder({ ...folder, uid: 301 }, own)).toContain('another user');
    expect(unfitFolder({ ...folder, mode: 0o1777 }, own)).toContain('written by others');
    expect(unfitFolder({ ...folder, kind: 'link' }, own)).toBe('is no folder');
  });
});
