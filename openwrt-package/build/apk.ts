import { createHash } from 'node:crypto';
import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription } from './package-description.ts';

/** The tree with what OpenWrt's apk needs to know of it: services are enabled, and users made, by these lists alone. */
export function apkTree(
  { name, conffiles, users }: PackageDescription,
  tree: readonly TreeEntry[],
): TreeEntry[] {
  const list = (kind: string, lines: readonly string[]): TreeEntry => ({
    path: `/lib/apk/packages/${name}.${kind}`,
    mode: 0o644,
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  });
  const kept = tree.filter(({ path }) => conffiles.includes(path));
  const sums = kept.map(({ path, bytes }) => `${path} ${sha256(bytes)}`);
  const listed = users.length > 0 ? [list('rusers', [users.join(' ')])] : [];
  const added = conffiles.length > 0 ? [list('conffiles', conffiles), list('conffiles_static', sums)] : [];
  const paths = [...tree.filter(({ bytes }) => bytes), ...listed].map(({ path }) => path);
  // As OpenWrt's build makes it: before the lists of configuration, which are not in it.
  const all = [list('list', paths.sort()), ...listed, ...added];
  const folders = ['/lib', '/lib/apk', '/lib/apk/packages'].map((path) => ({ path, mode: 0o755 }));
  const missing = folders.filter(({ path }) => !tree.some((entry) => entry.path === path));
  return [...tree, ...missing, ...all].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Arguments of `apk mkpkg` for a tree that is in `folder`, and scripts by name and file. */
export function mkpkgArguments(
  { name, title, license, maintainer, depends }: PackageDescription,
  options: {
    readonly version: string;
    readonly folder: string;
    readonly scripts: Readonly<Record<string, string>>;
    readonly output: string;
    readonly key: string | undefined;
  },
): string[] {
  const info = {
    name,
    version: options.version,
    description: title,
    arch: 'noarch',
    license,
    origin: name,
    maintainer,
    depends: depends.join(' '),
  };
  return [
    'mkpkg',
    // The router's apk knows no other.
    '--compression',
    'deflate',
    ...Object.entries(info).flatMap(([key, value]) => ['--info', `${key}:${value}`]),
    ...Object.entries(options.scripts).flatMap(([key, file]) => ['--script', `${key}:${file}`]),
    ...(options.key === undefined ? [] : ['--sign-key', options.key]),
    ...['--files', options.folder, '--output', options.output],
  ];
}

function sha256(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}
