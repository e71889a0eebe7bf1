import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { loadsTheSame, readElf } from '../../openwrt-package/build/elf.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { type RuntimeArch, readRuntime, stripped } from '../../openwrt-package/build/runtime.ts';
import { buildRuntime, runtimeDescription } from '../../openwrt-package/build/runtime-package.ts';
import { tarOf } from '../../openwrt-package/build/tar.ts';
import { smallElf } from './small-elf.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-runtime-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, bytes: Buffer | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const licence = write('licence.txt', 'The licence of Node.js');
const musl = '/lib/ld-musl-x86_64.so.1';
const node = smallElf({
  interpreter: musl,
  needed: ['libstdc++.so.6', 'libgcc_s.so.1', 'libc.musl-x86_64.so.1'],
});
const file = (path: string, bytes: Buffer | string, mode = 0o644) => ({
  path,
  mode,
  bytes: Buffer.from(bytes),
});
const top = '/node-v20.20.2-linux-x64-musl';
const tar = tarOf([file(`${top}/LICENSE`, 'of the tarball'), file(`${top}/bin/node`, node, 0o755)], 0);
const tarball = write('node-v20.20.2-linux-x64-musl.tar.gz', gzipSync(tar));
const refused = (path: string, arch: RuntimeArch = 'x86_64', named: string | undefined = licence) => {
  try {
    readRuntime(path, arch, named);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
  return undefined;
};

describe('a Node that its user obtained', () => {
  test('is read from a tarball with its licence, and known for what it is without being run', () => {
    expect(readRuntime(tarball, 'x86_64')).toMatchObject({
      ...{ version: '20.20.2', libc: 'musl', licence: Buffer.from('of the tarball'), node },
      source: { name: 'node-v20.20.2-linux-x64-musl.tar.gz', sha256: sumOf(readFileSync(tarball)) },
    });
  });

  test('is read from .tar.xz and from a plain program', () => {
    const { stdout } = spawnSync('xz', ['-c'], { input: tar });
    expect(readRuntime(write('n.tar.xz', stdout), 'x86_64').node.equals(node)).toBe(true);
    expect(readRuntime(write('plain', node), 'x86_64', licence).licence.toString()).toContain('licence of');
  });

  test('may be the one that runs this test', () => {
    const arch = process.arch === 'x64' ? 'x86_64' : 'aarch64';
    const { version, libc, needed } = readRuntime(process.execPath, arch, licence);
    expect({ version, libc }).toEqual({ version: process.versions.node, libc: 'glibc' });
    expect(needed).toContain('libc.so.6');
  });

  test('is refused, and told why', () => {
    expect(refused(write('text', '#!/bin/sh\n'))).toMatch(/text is no program: not a 64-bit ELF file/);
    expect(refused(write('cut', node.subarray(0, 100)))).toMatch(/no 64-bit|not a 64-bit ELF file, or cut/);
    expect(refused(write('n64', node), 'aarch64')).toMatch(/n64 is for x86_64, not for aarch64/);
    const arm = write('arm', smallElf({ machine: 183 }));
    expect(refused(arm)).toMatch(/arm is for aarch64, not for x86_64/);
    expect(refused(write('sparc', smallElf({ machine: 43 })))).toMatch(/is for machine 43/);
    for (const version of ['18.20.8', '20.17.0'])
      expect(refused(write('old', smallElf({ version })))).toMatch(
        new RegExp(`is Node.js ${version}; 20.18 is the oldest`),
      );
    expect(refused(write('new', smallElf({ version: '20.18.0' })))).toBeUndefined();
    expect(refused(write('ls', smallElf({ version: '' })))).toMatch(/is no Node.js/);
    const empty = write('empty.tar.gz', gzipSync(tarOf([file('/n/bin/npm', 'x')], 0)));
    expect(refused(empty)).toMatch(/there is no bin\/node in .*empty\.tar\.gz/);
    expect(refused(write('bad.tar.gz', 'no gzip'))).toMatch(/bad\.tar\.gz cannot be unpacked/);
    expect(refused(write('bad.tar.xz', 'no xz'))).toMatch(/bad\.tar\.xz cannot be unpacked by xz/);
    for (const length of [2000, 2100, tar.length - 1024])
      expect(refused(write('cut.tar', tar.subarray(0, length)))).toMatch(/cut\.tar is damaged/);
    expect(refused(write('bare', node), 'x86_64', join(folder, 'none'))).toMatch(/ENOENT/);
    expect(() => readRuntime(join(folder, 'bare'), 'x86_64')).toThrow(/without its licence.*--licence/);
  });
});

describe('its package', () => {
  const runtime = readRuntime(tarball, 'x86_64');
  const lines = buildRuntime(runtime, { out: folder });
  const name = 'postern-runtime_20.20.2-r1_x86_64.ipk';
  const { control, scripts, tree, faults } = readIpk(readFileSync(join(folder, name)));

  test('has Node where the service looks, its licence, and checksums that fit', () => {
    expect(faults).toEqual([]);
    const at = (path: string) => tree.find((entry) => entry.name === `./usr/lib/postern/runtime/${path}`);
    expect(at('bin/node')?.mode).toBe(0o755);
    expect(at('LICENSE')?.bytes.toString()).toBe('of the tarball');
    const sums = at('SHA256SUMS')?.bytes.toString();
    expect(sums).toContain(`${sumOf(at('bin/node')?.bytes ?? Buffer.alloc(0))}  bin/node\n`);
    expect(sums).toContain(sumOf(readFileSync(tarball)));
    expect(readFileSync('openwrt-package/postern/files/functions.sh', 'utf8')).toContain(
      '"$lib/runtime/bin/node"',
    );
  });

  test('depends on the libraries that it names, as OpenWrt calls them, and restarts the service', () => {
    expect(control.get('Depends')).toBe('libgcc1, libstdcpp6');
    expect(scripts.get('postinst-pkg')).toContain('/etc/init.d/postern restart');
    // glibc's are not to be had there.
    expect(runtimeDescription({ ...runtime, libc: 'glibc' }).depends).toEqual([]);
  });

  test('is the same to the byte, and what it is like is told', () => {
    const out = mkdtempSync(join(folder, 'again-'));
    buildRuntime(readRuntime(tarball, 'x86_64'), { out });
    expect(readFileSync(join(out, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    expect(lines[0]).toMatch(/^Node\.js 20\.20\.2 for x86_64, for musl, as OpenWrt is; (?:not )?stripped/);
    expect(lines[2]).toMatch(/\.apk skipped: apk-tools 3 is not installed/);
    const glibc = write('glibc', smallElf({ interpreter: '/lib64/ld-linux-x86-64.so.2' }));
    expect(buildRuntime(readRuntime(glibc, 'x86_64', licence), { out })[0]).toContain('does not run');
  });

  test('names the libraries for which it cannot depend on a package, as those of a Node from Alpine', () => {
    const needed = ['libuv.so.1', 'libstdc++.so.6', 'libatomic.so.1', 'libc.musl-x86_64.so.1', 'libssl.so.3'];
    const alpine = readRuntime(write('alpine', smallElf({ interpreter: musl, needed })), 'x86_64', licence);
    expect(runtimeDescription(alpine).depends).toEqual(['libatomic1', 'libstdcpp6']);
    const [told] = buildRuntime(alpine, { out: mkdtempSync(join(folder, 'alpine-')) });
    expect(told).toMatch(
      /for musl, as OpenWrt is, but needs libuv\.so\.1, libssl\.so\.3, for which no package is named/,
    );
    expect(lines[0]).not.toContain('needs');
  });

  test('is stripped only by what leaves in place all that is loaded', () => {
    const strip = (bssMovedBy: number) => {
      const given = readRuntime(write('sections', smallElf({ bssMovedBy })), 'x86_64', licence);
      const { runtime, note } = stripped(given);
      return { note, memory: readElf(runtime.node)?.loaded[0]?.memorySize, given: given.node };
    };
    const usual = strip(0);
    const memory = readElf(usual.given)?.loaded[0]?.memorySize;
    expect(usual).toMatchObject({ note: expect.stringMatching(/^stripped by|no strip for x86_64/), memory });
    // As postject leaves a program behind; of this one GNU's strip takes the zeros away.
    const injected = strip(0x80_0000);
    expect(injected).toMatchObject({
      note: expect.stringMatching(/^stripped by llvm|^not stripped/),
      memory,
    });
    const changed = Buffer.from(usual.given);
    changed[64 + 56 + 3] = 1;
    expect(loadsTheSame(usual.given, changed)).toBe(false);
    expect(loadsTheSame(usual.given, usual.given.subarray(0, 100))).toBe(false);
  });
});

test('an ELF file that is cut anywhere is none, or reads as what is left of it; nothing throws', () => {
  for (let length = 0; length < node.length; length++) readElf(node.subarray(0, length));
  expect(readElf(node)).toMatchObject({ machine: 'x86_64', interpreter: musl });
});

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
