import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { apkTree, mkpkgArguments } from './apk.ts';
import { feedMakefile } from './feed.ts';
import { ipkOf } from './ipk.ts';
import { type Sources, type TreeEntry, treeOf } from './package-contents.ts';
import { type MadeName, type PackageDescription, packages, packageVersion } from './package-description.ts';
import { apkScripts } from './scripts.ts';

/** Of every file in a package: equal sources make equal bytes. 2026-01-01. */
const mtimeS = 1_767_225_600;

/** Home of OpenWrt's default configuration, for the guard that holds before there is a saved one. */
const defaultHome = {
  networks: [
    { name: 'lan', role: 'guard', interfaces: ['br-lan'] },
    { name: 'wan', role: 'upstream', interfaces: ['wan'] },
  ],
};

export interface BuildOptions {
  /** The repository. */
  readonly root: string;
  /** The folder with the built daemon. */
  readonly dist: string;
  readonly out: string;
  /** The program apk, and the key that signs what it makes. */
  readonly apk?: string | undefined;
  readonly key?: string | undefined;
}

/** Builds every package in every form; returns a line for each that tells how it went. */
export function buildPackages(options: BuildOptions): string[] {
  const { root, dist, out } = options;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(out, { recursive: true });
  return packages.flatMap((description) => {
    const files = join(root, 'openwrt-package', description.name, 'files');
    const file = (name: string) => readFileSync(join(files, name));
    const made = (name: MadeName) => makers[name](dist);
    const sources: Sources = { file, made, dist: (name) => readFileSync(join(dist, name)), version };
    const input = {
      description,
      version: packageVersion(version),
      tree: treeOf(description, sources),
      prerm: file(description.prerm),
      mtimeS,
    };
    const ipk = `${description.name}_${input.version}_all.ipk`;
    const bytes = ipkOf(input);
    writeFileSync(join(out, ipk), bytes);
    writeFeed(join(out, 'feed', description.name), input);
    return [`${ipk} ${(bytes.length / 1000).toFixed(1)} KB`, writeApk(input, options)];
  });
}

interface Input {
  readonly description: PackageDescription;
  readonly version: string;
  readonly tree: readonly TreeEntry[];
  readonly prerm: Buffer;
}

const makers: Readonly<Record<MadeName, (dist: string) => Buffer>> = {
  'guard.nft'(dist) {
    const folder = mkdtempSync(join(tmpdir(), 'postern-guard-'));
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ ...defaultHome, main: { data_dir: folder }, run_dir: folder }));
    const made = spawnSync(process.execPath, [
      join(dist, 'postern.cjs'),
      'ruleset',
      '--static',
      '--config',
      config,
    ]);
    rmSync(folder, { recursive: true });
    if (made.status !== 0) throw new Error(`the guard could not be made: ${made.stderr}`);
    return made.stdout;
  },
};

/** A folder for the SDK: `src-link postern DIR`. */
function writeFeed(folder: string, { description, version, tree, prerm }: Input): void {
  rmSync(folder, { recursive: true, force: true });
  writeTree(join(folder, 'files'), tree);
  writeFileSync(join(folder, 'Makefile'), feedMakefile(description, version, tree, prerm.toString()));
}

function writeApk({ description, version, tree, prerm }: Input, { out, apk, key }: BuildOptions): string {
  const name = `${description.name}-${version}.apk`;
  if (apk === undefined) return `${name} skipped: apk-tools 3 is not installed`;
  if (process.getuid?.() !== 0)
    return `${name} skipped: apk notes who owns the files, so it takes root to make it`;
  const folder = mkdtempSync(join(tmpdir(), 'postern-apk-'));
  try {
    writeTree(join(folder, 'tree'), apkTree(description, tree));
    const scripts = Object.entries(apkScripts(description, prerm.toString())).map(([kind, text]) => {
      const path = join(folder, kind);
      writeFileSync(path, text, { mode: 0o755 });
      return [kind, path];
    });
    const output = join(out, name);
    const words = mkpkgArguments(description, {
      ...{ version, output, key },
      folder: join(folder, 'tree'),
      scripts: Object.fromEntries(scripts),
    });
    const made = spawnSync(apk, words, {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: `${mtimeS}` },
    });
    if (made.status !== 0) throw new Error(`${name}: ${made.stderr || made.error?.message}`);
    const signed = key === undefined ? ', not signed' : '';
    return `${name} ${(readFileSync(output).length / 1000).toFixed(1)} KB${signed}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeTree(folder: string, tree: readonly TreeEntry[]): void {
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
