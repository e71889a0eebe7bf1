import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipkOf } from './ipk.ts';
import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription, PackageScripts } from './package-description.ts';
import { type Runtime, sha256, stripped } from './runtime.ts';
import { mtimeS, sizeText, writeApk } from './write-apk.ts';

/** Where the service looks for it (find_node of functions.sh). */
const folder = '/usr/lib/postern/runtime';

/** OpenWrt's packages of the libraries that a Node for musl names. The C library is there, whatever it is called. */
const packageOf: Readonly<Record<string, string>> = {
  'libstdc++.so.6': 'libstdcpp6',
  'libatomic.so.1': 'libatomic1',
  'libgcc_s.so.1': 'libgcc1',
};

// What runs has the old program open, or none: see docs/decisions/0021-packages.md on restarts.
const restart =
  '#!/bin/sh\n[ -z "$IPKG_INSTROOT" ] && [ -x /etc/init.d/postern ] && /etc/init.d/postern enabled && /etc/init.d/postern restart\nexit 0\n';
const scripts: PackageScripts = { postinst: restart, postrm: restart };

/** The package of a Node; `noarch`, since OpenWrt's own names are those of processors (`aarch64_cortex-a53`). */
export function runtimeDescription({ arch, version, needed, libc }: Runtime): PackageDescription {
  return {
    name: 'postern-runtime',
    title: `Node.js ${version} for ${arch} (${libc}), for Postern alone`,
    section: 'net',
    license: 'MIT',
    maintainer: 'The Postern authors',
    depends: libc === 'musl' ? needed.flatMap((name) => packageOf[name] ?? []).sort() : [],
    ...{ dependsOpkg: [], users: [], conffiles: [], files: [], folders: [] },
    scripts: {},
  };
}

/** Its files: the program, the licence, and the checksums of the program and of the file that it came from. */
export function runtimeTree({ node, licence, source }: Runtime): TreeEntry[] {
  const sums = `${sha256(node)}  bin/node\n# from ${source.name}: ${source.sha256}\n`;
  const folders = ['/usr', '/usr/lib', '/usr/lib/postern', folder, `${folder}/bin`];
  const file = (path: string, mode: number, bytes: Buffer) => ({ path: `${folder}/${path}`, mode, bytes });
  return [
    ...folders.map((path) => ({ path, mode: 0o755 })),
    file('LICENSE', 0o644, licence),
    file('SHA256SUMS', 0o644, Buffer.from(sums)),
    file('bin/node', 0o755, node),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes the packages into `out`; returns a line for each thing that its user should know. */
export function buildRuntime(
  given: Runtime,
  {
    out,
    apk,
    key,
  }: { readonly out: string; readonly apk?: string | undefined; readonly key?: string | undefined },
): string[] {
  const { runtime, note } = stripped(given);
  const input = {
    description: runtimeDescription(runtime),
    version: `${runtime.version}-r1`,
    tree: runtimeTree(runtime),
    scripts,
    mtimeS,
  };
  mkdirSync(out, { recursive: true });
  const ipk = `postern-runtime_${input.version}_${runtime.arch}.ipk`;
  const bytes = ipkOf(input);
  writeFileSync(join(out, ipk), bytes);
  const name = `postern-runtime-${input.version}.${runtime.arch}.apk`;
  return [
    `Node.js ${runtime.version} for ${runtime.arch}, ${libcText(runtime)}; ${note}`,
    `${ipk} ${sizeText(bytes.length)}`,
    writeApk(input, { out, name, apk, key }),
  ];
}

function libcText({ libc, needed }: Runtime): string {
  if (libc === 'glibc') return 'for glibc: OpenWrt has musl, where this one does not run';
  if (libc === 'static') return 'static';
  const others = needed.filter((name) => !(name in packageOf) && !name.startsWith('libc.'));
  const lacks = `, but needs ${others.join(', ')}, for which no package is named: without them it does not start`;
  return `for musl, as OpenWrt is${others.length > 0 ? lacks : ''}`;
}
