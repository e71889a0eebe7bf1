import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a state file held. A damaged one is moved aside (`keptAs`, one at most: the newest), so that it can be looked at. */
export type ReadState =
  | { readonly kind: 'snapshot'; readonly snapshot: unknown }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly keptAs: string | undefined }
  | { readonly kind: 'unreadable'; readonly error: string };

/** A state is at most 64 KB by design; a file far beyond that is not ours. */
const maxBytes = 4 * 1024 * 1024;

/** Reads and parses a state file. Never rejects: a bad file must not stop the guard. */
export async function readState(path: string): Promise<ReadState> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > maxBytes) return { kind: 'damaged', keptAs: await setAside(path) };
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'missing' };
    return { kind: 'unreadable', error: messageOf(error) };
  }
  try {
    const snapshot: unknown = JSON.parse(text);
    if (typeof snapshot === 'object' && snapshot !== null) return { kind: 'snapshot', snapshot };
  } catch {
    // Falls through: cut off, or not JSON.
  }
  return { kind: 'damaged', keptAs: await setAside(path) };
}

/**
 * Replaces a file as a whole: after a power cut there is the old one or the new one. Returns the error's message, or
 * undefined if all went well. One call at a time for a path (they share the temporary file, whose remains the next
 * call overwrites).
 */
export async function writeState(path: string, text: string | Uint8Array): Promise<string | undefined> {
  const temporary = `${path}.new`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return undefined;
  } catch (error) {
    await unlink(temporary).catch(() => {});
    return messageOf(error);
  }
}

/** Makes the rename itself durable. Some file systems cannot sync a folder; they order renames by themselves. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

async function setAside(path: string): Promise<string | undefined> {
  const aside = `${path}.damaged`;
  try {
    await rename(path, aside);
    return aside;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
