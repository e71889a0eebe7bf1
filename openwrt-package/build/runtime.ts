import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Elf, loadsTheSame, readElf } from './elf.ts';
import { readTar } from './read-tar.ts';

/** Architectures for which a Node can be wrapped. */
export const runtimeArchs = ['x86_64', 'aarch64'] as const;
export type RuntimeArch = (typeof runtimeArchs)[number];

/** A Node that its user obtained, checked, with what has to go with it. */
export interface Runtime {
  readonly arch: RuntimeArch;
  /** `20.20.2`. */
  readonly version: string;
  readonly node: Buffer;
  readonly licence: Buffer;
  readonly libc: 'musl' | 'glibc' | 'static';
  readonly needed: readonly string[];
  /** Name and SHA-256 of the file it came from. */
  readonly source: { readonly name: string; readonly sha256: string };
}

/** The oldest that the service takes (is_new_enough of functions.sh). */
const oldest = { major: 20, minor: 18 } as const;
/** Of a tarball unpacked: the largest are a third of it. */
const maxTarBytes = 512 * 1024 * 1024;

/** Why a file cannot be wrapped, in words for its user. */
export class RuntimeError extends Error {}

/**
 * Reads a Node program, or an official tarball (.tar.gz, .tar.xz) that holds one. Throws RuntimeError if there is none in
 * it, it is for another machine, too old, or comes without its licence.
 */
export function readRuntime(file: string, arch: RuntimeArch, licenceFile?: string): Runtime {
  const bytes = readFileSync(file);
  const found = /\.(?:tar|tar\.gz|tgz|tar\.xz)$/.test(file) ? fromTar(file, bytes) : fromProgram(file, bytes);
  const licence = licenceFile === undefined ? found.licence : readFileSync(licenceFile);
  const elf = checkedElf(found.node, arch, file);
  const version = versionOf(found.node);
  if (version === undefined) throw new RuntimeError(`${file} is no Node.js: no version is in it`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor))
    throw new RuntimeError(`${file} is Node.js ${version}; ${oldest.major}.${oldest.minor} is the oldest`);
  if (licence === undefined)
    throw new RuntimeError(`${file} comes without its licence: name the file with --licence`);
  const source = { name: basename(file), sha256: sha256(bytes) };
  return { arch, version, node: found.node, licence, libc: libcOf(elf), needed: elf.needed, source };
}

/**
 * The runtime without symbols and debug sections, or as it is, and why, where no program here can strip it: of a program that
 * somebody has added sections to (postject, patchelf), `strip` makes one that crashes.
 */
export function stripped(runtime: Runtime): { readonly runtime: Runtime; readonly note: string } {
  const folder = mkdtempSync(join(tmpdir(), 'postern-strip-'));
  const path = join(folder, 'node');
  let why = `no strip for ${runtime.arch} is installed`;
  try {
    for (const program of stripPrograms(runtime.arch)) {
      writeFileSync(path, runtime.node);
      if (spawnSync(program, ['--strip-all', path]).status !== 0) continue;
      const node = readFileSync(path);
      if (!loadsTheSame(runtime.node, node)) {
        why = `${program} would change what is loaded of it`;
        continue;
      }
      return { runtime: { ...runtime, node }, note: `stripped by ${program}` };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { runtime, note: `not stripped: ${why}` };
}

/** SHA-256 as hexadecimal digits. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function stripPrograms(arch: RuntimeArch): string[] {
  const isOwn = process.arch === (arch === 'x86_64' ? 'x64' : 'arm64');
  return [`${arch}-linux-gnu-strip`, ...(isOwn ? ['strip'] : []), 'llvm-strip'];
}

interface Found {
  readonly node: Buffer;
  readonly licence: Buffer | undefined;
}

function fromTar(file: string, bytes: Buffer): Found {
  const { entries, faults } = readTar(unpacked(file, bytes));
  const at = (path: string) =>
    entries.find(({ name, isFolder }) => !isFolder && new RegExp(`^(?:\\./)?[^/]+/${path}$`).test(name));
  const cut = faults.find((fault) => /cut short$|^a header is damaged$|^it has no end$/.test(fault));
  if (cut) throw new RuntimeError(`${file} is damaged: ${cut}`);
  const node = at('bin/node');
  if (!node) throw new RuntimeError(`there is no bin/node in ${file}`);
  return { node: node.bytes, licence: at('LICENSE')?.bytes };
}

function unpacked(file: string, bytes: Buffer): Buffer {
  if (file.endsWith('.tar')) return bytes;
  if (!file.endsWith('.xz')) {
    try {
      return gunzipSync(bytes, { maxOutputLength: maxTarBytes });
    } catch (error) {
      throw new RuntimeError(`${file} cannot be unpacked: ${error instanceof Error ? error.message : error}`);
    }
  }
  const { status, stdout, stderr, error } = spawnSync('xz', ['-dc'], {
    input: bytes,
    maxBuffer: maxTarBytes,
  });
  if (status === 0) return stdout;
  throw new RuntimeError(`${file} cannot be unpacked by xz: ${error?.message ?? stderr.toString().trim()}`);
}

/** Its licence is where tarballs have it, or where Debian has. */
function fromProgram(file: string, node: Buffer): Found {
  const folder = dirname(file);
  const path = ['../LICENSE', 'LICENSE', '../share/doc/nodejs/copyright']
    .map((name) => join(folder, name))
    .find((name) => existsSync(name));
  return { node, licence: path === undefined ? undefined : readFileSync(path) };
}

function checkedElf(node: Buffer, arch: RuntimeArch, file: string): Elf {
  const elf = readElf(node);
  if (!elf) throw new RuntimeError(`${file} is no program: not a 64-bit ELF file, or cut short`);
  if (elf.machine !== arch) throw new RuntimeError(`${file} is for ${elf.machine}, not for ${arch}`);
  return elf;
}

function libcOf({ interpreter }: Elf): Runtime['libc'] {
  if (interpreter === undefined) return 'static';
  return interpreter.includes('musl') ? 'musl' : 'glibc';
}

/** As the inspector tells it, `node.js/v20.20.2`: the program may be for another machine, so it is not run. */
function versionOf(node: Buffer): string | undefined {
  for (let at = node.indexOf('node.js/v'); at !== -1; at = node.indexOf('node.js/v', at + 1)) {
    const [, version] =
      /^node\.js\/v(\d{1,3}\.\d{1,3}\.\d{1,3})\0/.exec(node.toString('latin1', at, at + 24)) ?? [];
    if (version !== undefined) return version;
  }
  return undefined;
}
