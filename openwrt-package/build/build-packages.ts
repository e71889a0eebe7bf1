import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { transformSync } from 'esbuild';
import { feedMakefile } from './feed.ts';
import { ipkOf } from './ipk.ts';
import { lmoOf } from './lmo.ts';
import { luciMakefile } from './luci-feed.ts';
import { type Sources, type TreeEntry, treeOf } from './package-contents.ts';
import {
  type MadeName,
  type PackageDescription,
  type PackageFile,
  type PackageScripts,
  packages,
  packageVersion,
} from './package-description.ts';
import { parsePo } from './po.ts';
import { mtimeS, sizeText, writeApk, writeTree } from './write-apk.ts';

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
  const { root, dist, out, apk: program, key } = options;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(out, { recursive: true });
  return packages.flatMap((description) => {
    const folder = join(root, 'openwrt-package', description.translates ?? description.name);
    const file = (name: string) => {
      const bytes = readFileSync(join(folder, name));
      if (name.endsWith('.js')) return smallScript(bytes);
      return name.endsWith('.uc') ? withoutComments(bytes) : bytes;
    };
    const made = (name: MadeName) =>
      name === 'guard.nft' ? shippedGuard(dist) : lmoOf(parsePo(file(poFileOf(name)).toString()));
    const sources: Sources = { file, made, dist: (name) => readFileSync(join(dist, name)), version };
    const files = [...description.files, ...filesIn(folder, description)];
    const scripts = Object.entries(description.scripts).map(([kind, name]) => [kind, file(name).toString()]);
    const input = {
      description,
      version: packageVersion(version),
      tree: treeOf({ ...description, files }, sources),
      scripts: Object.fromEntries(scripts) as PackageScripts,
      mtimeS,
    };
    const ipk = `${description.name}_${input.version}_all.ipk`;
    const bytes = ipkOf(input);
    writeFileSync(join(out, ipk), bytes);
    // LuCI's rules make the translations of the `po` of the pages.
    if (description.translates === undefined) writeFeed(join(out, 'feed', description.name), folder, input);
    return [
      `${ipk} ${sizeText(bytes.length)}`,
      writeApk(input, { out, name: `${description.name}-${input.version}.apk`, apk: program, key }),
    ];
  });
}

interface Input {
  readonly description: PackageDescription;
  readonly version: string;
  readonly tree: readonly TreeEntry[];
  readonly scripts: PackageScripts;
}

function shippedGuard(dist: string): Buffer {
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
}

/** Every file of the folders that are in the package whole. */
function filesIn(root: string, { folders }: PackageDescription): PackageFile[] {
  return folders.flatMap(({ folder, at }) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = relative(root, join(entry.parentPath, entry.name));
        return { path: `${at}/${relative(folder, file)}`, mode: 0o644, from: { file } };
      }),
  );
}

/** A page's script without comments and indents, as LuCI's own build makes them; strings, names and order stay. */
function smallScript(script: Buffer): Buffer {
  const { code } = transformSync(script.toString(), {
    // In which `return` may stand outside of functions, as LuCI has it.
    format: 'cjs',
    minifyWhitespace: true,
    legalComments: 'none',
    charset: 'ascii',
    target: 'es2020',
    lineLimit: 1000,
  });
  return Buffer.from(code);
}

/** A script of rpcd without the lines that are comments. */
function withoutComments(script: Buffer): Buffer {
  return Buffer.from(script.toString().replaceAll(/^\s*\/\/.*\n/gm, ''));
}

const poFileOf = (name: string) => `po/${name.replace(/\.lmo$/, '')}/postern.po`;

/** LuCI's rules keep modes, so that those of a checkout that only its owner may read would be those of the router's `/usr`. */
function copyReadable(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

/** A folder for the SDK: `src-link postern DIR`. */
function writeFeed(folder: string, source: string, { description, version, tree, scripts }: Input): void {
  rmSync(folder, { recursive: true, force: true });
  const isLuci = description.folders.length > 0;
  if (!isLuci) writeTree(join(folder, 'files'), tree);
  // LuCI's own rules install these, and make packages of the translations as ours are.
  for (const part of isLuci ? [...description.folders.map((one) => one.folder), 'po'] : [])
    copyReadable(join(source, part), join(folder, part));
  const makefile = isLuci ? luciMakefile : feedMakefile;
  writeFileSync(join(folder, 'Makefile'), makefile(description, version, tree, scripts));
}
