/** What is known of a file, or of the folder itself, before anything in it is run. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** The permission bits, setuid and setgid among them. */
  readonly mode: number;
  readonly uid: number;
}

/** Hooks that are run for one event; those that follow by name are not. */
export const maxHooks = 16;

/** What a hook may be called. */
export const hookName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Why a file is not run, as the rest of a sentence about it; undefined if it is a hook. */
export function unfitHook(name: string, { kind, mode, uid }: FileFacts, ownUid: number): string | undefined {
  if (!hookName.test(name))
    return 'may only have letters, digits, "_", "-" and "." in its name, and no "." in front';
  if (kind !== 'file') return kind === 'link' ? 'is a symbolic link: copy the file' : 'is no regular file';
  if ((mode & 0o111) === 0) return 'is not executable: chmod 755';
  if ((mode & 0o6000) !== 0) return 'is setuid or setgid';
  return writableByOthers(mode, uid, ownUid);
}

/** Why nothing in the folder is run; undefined if it may be. */
export function unfitFolder({ kind, mode, uid }: FileFacts, ownUid: number): string | undefined {
  return kind === 'folder' ? writableByOthers(mode, uid, ownUid) : 'is no folder';
}

function writableByOthers(mode: number, uid: number, ownUid: number): string | undefined {
  if ((mode & 0o022) !== 0) return 'can be written by others: chmod go-w';
  return uid === 0 || uid === ownUid ? undefined : 'belongs to another user: chown root';
}
