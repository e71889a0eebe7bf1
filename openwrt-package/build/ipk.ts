import { gzipSync } from 'node:zlib';
import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription, PackageScripts } from './package-description.ts';
import { opkgScripts } from './scripts.ts';
import { tarOf } from './tar.ts';

export interface IpkInput {
  readonly description: PackageDescription;
  readonly version: string;
  readonly tree: readonly TreeEntry[];
  /** Texts of our own parts. */
  readonly scripts: PackageScripts;
  /** Of every file in it, seconds since 1970. */
  readonly mtimeS: number;
}

/** An .ipk: a gzipped tar of three members. Equal input makes equal bytes. */
export function ipkOf({ description, version, tree, scripts, mtimeS }: IpkInput): Buffer {
  const member = (path: string, bytes: Buffer | string, mode = 0o644): TreeEntry => ({
    path,
    mode,
    bytes: Buffer.from(bytes),
  });
  const { conffiles } = description;
  const { postinst, prerm, postrm } = scripts;
  const script = (name: string, text: string | undefined) =>
    text === undefined ? [] : [member(name, text, 0o755)];
  const control = [
    ...(conffiles.length > 0 ? [member('/conffiles', conffiles.map((path) => `${path}\n`).join(''))] : []),
    member('/control', controlOf(description, version, tree)),
    ...script('/postinst', opkgScripts.postinst),
    ...script('/postinst-pkg', postinst),
    ...script('/postrm', postrm),
    ...script('/prerm', opkgScripts.prerm),
    ...script('/prerm-pkg', prerm),
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
    ...(users.length > 0 ? [`Require-User: ${users.join(' ')}`] : []),
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
