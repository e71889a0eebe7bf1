import { gzipSync } from 'node:zlib';
import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription } from './package-description.ts';
import { opkgScripts } from './scripts.ts';
import { tarOf } from './tar.ts';

export interface IpkInput {
  readonly description: PackageDescription;
  readonly version: string;
  readonly tree: readonly TreeEntry[];
  readonly prerm: Buffer;
  /** Of every file in it, seconds since 1970. */
  readonly mtimeS: number;
}

/** An .ipk: a gzipped tar of three members. Equal input makes equal bytes. */
export function ipkOf({ description, version, tree, prerm, mtimeS }: IpkInput): Buffer {
  const member = (path: string, bytes: Buffer | string, mode = 0o644): TreeEntry => ({
    path,
    mode,
    bytes: Buffer.from(bytes),
  });
  const { conffiles } = description;
  const control = [
    member('/conffiles', conffiles.map((path) => `${path}\n`).join('')),
    member('/control', controlOf(description, version, tree)),
    member('/postinst', opkgScripts.postinst, 0o755),
    member('/prerm', opkgScripts.prerm, 0o755),
    member('/prerm-pkg', prerm, 0o755),
  ];
  const outer = [
    member('/debian-binary', '2.0\n'),
    member('/data.tar.gz', gzip(tarOf(tree, mtimeS))),
    member('/control.tar.gz', gzip(tarOf(control, mtimeS))),
  ];
  return gzip(tarOf(outer, mtimeS, false));
}

function controlOf(description: PackageDescription, version: string, tree: readonly TreeEntry[]): string {
  const { name, title, section, license, maintainer, users, depends, dependsOpkg } = description;
  const size = tree.reduce((total, { bytes }) => total + (bytes?.length ?? 0), 0);
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    `Depends: ${[...depends, ...dependsOpkg].join(', ')}`,
    `License: ${license}`,
    `Section: ${section}`,
    `Maintainer: ${maintainer}`,
    'Architecture: all',
    `Installed-Size: ${size}`,
    `Require-User: ${users.join(' ')}`,
    `Description: ${title}`,
    '',
  ].join('\n');
}

/** Without name and time; the system that made it is said to be Unix everywhere. */
function gzip(bytes: Buffer): Buffer {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 3;
  return packed;
}
