import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { apkTree, mkpkgArguments } from './apk.ts';
import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription, PackageScripts } from './package-description.ts';
import { apkScripts } from './scripts.ts';

/** Of every file in a package: equal sources make equal bytes. 2026-01-01. */
export const mtimeS = 1_767_225_600;

interface Input {
  readonly description: PackageDescription;
  readonly version: string;
  readonly tree: readonly TreeEntry[];
  readonly scripts: PackageScripts;
}

interface Options {
  readonly out: string;
  readonly name: string;
  /** The program apk, and the key that signs what it makes. */
  readonly apk: string | undefined;
  readonly key: string | undefined;
}

/** Writes the .apk, where apk-tools 3 is there to make it; returns a line that tells how it went. */
export function writeApk(
  { description, version, tree, scripts }: Input,
  { out, name, apk, key }: Options,
): string {
  if (apk === undefined) return `${name} skipped: apk-tools 3 is not installed`;
  if (process.getuid?.() !== 0)
    return `${name} skipped: apk notes who owns the files, so it takes root to make it`;
  const folder = mkdtempSync(join(tmpdir(), 'postern-apk-'));
  try {
    writeTree(join(folder, 'tree'), apkTree(description, tree));
    const files = Object.entries(apkScripts(description, scripts)).map(([kind, text]) => {
      const path = join(folder, kind);
      writeFileSync(path, text, { mode: 0o755 });
      return [kind, path];
    });
    const output = join(out, name);
    const words = mkpkgArguments(description, {
      ...{ version, output, key },
      folder: join(folder, 'tree'),
      scripts: Object.fromEntries(files),
    });
    const made = spawnSync(apk, words, {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: `${mtimeS}` },
    });
    if (made.status !== 0) throw new Error(`${name}: ${made.stderr || made.error?.message}`);
    const signed = key === undefined ? ', not signed' : '';
    return `${name} ${sizeText(readFileSync(output).length)}${signed}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `59.8 KB`, `45.2 MB`. */
export function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Writes the tree as files and folders below `folder`. */
export function writeTree(folder: string, tree: readonly TreeEntry[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { path, mode, bytes } of tree) {
    const full = join(folder, path);
    mkdirSync(bytes ? dirname(full) : full, { recursive: true });
    if (bytes) writeFileSync(full, bytes);
    chmodSync(full, mode);
  }
  for (const { path } of tree.toReversed()) utimesSync(join(folder, path), mtimeS, mtimeS);
  chmodSync(folder, 0o755);
  utimesSync(folder, mtimeS, mtimeS);
}
