import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FileFacts, maxHooks, unfitFolder, unfitHook } from '../hooks/hook-file.ts';

/** What a folder has to run, and what of it is not run. */
export interface HookFolder {
  /** Names in order, at most {@link maxHooks}. */
  readonly hooks: readonly string[];
  /** Sentences for the log, at most {@link maxHooks} and one. */
  readonly skipped: readonly string[];
}

/** Reads the folder of hooks. Never throws. */
export function readHookFolder(folder: string, ownUid: number): HookFolder {
  const hooks: string[] = [];
  const skipped: string[] = [];
  try {
    const reason = unfitFolder(factsOf(folder), ownUid);
    if (reason !== undefined) return { hooks, skipped: [`${folder} ${reason}; no hook runs`] };
    for (const name of readdirSync(folder).sort()) {
      const unfit = unfitHook(name, factsOf(join(folder, name)), ownUid);
      if (unfit === undefined && hooks.length === maxHooks) {
        skipped.push(`${name} and what follows it do not run: at most ${maxHooks} hooks do`);
        break;
      }
      if (unfit === undefined) hooks.push(name);
      else if (skipped.length < maxHooks) skipped.push(`${name} ${unfit}; it does not run`);
    }
  } catch (error) {
    skipped.push(`hooks cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { hooks, skipped };
}

function factsOf(path: string): FileFacts {
  const stat = lstatSync(path);
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other';
  return { kind, mode: stat.mode & 0o7777, uid: stat.uid };
}
