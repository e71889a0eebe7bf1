import type { MadeName, PackageDescription } from './package-description.ts';

/** One entry of a package's tree, folders among them. */
export interface TreeEntry {
  /** Absolute, a folder without a slash at its end. */
  readonly path: string;
  readonly mode: number;
  /** Absent for a folder. */
  readonly bytes?: Buffer;
}

/** Where the bytes of files come from. */
export interface Sources {
  readonly file: (name: string) => Buffer;
  readonly dist: (name: string) => Buffer;
  readonly made: (name: MadeName) => Buffer;
  /** Takes the place of `@VERSION@` in text files of the package. */
  readonly version: string;
}

/** A package's tree, sorted, each folder before what is in it. */
export function treeOf({ files }: PackageDescription, sources: Sources): TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  for (const { path, mode, from } of files) {
    for (const folder of foldersOf(path)) entries.set(folder, { path: folder, mode: 0o755 });
    entries.set(path, { path, mode, bytes: bytesOf(from, sources) });
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function bytesOf(from: PackageDescription['files'][number]['from'], sources: Sources): Buffer {
  if ('dist' in from) return sources.dist(from.dist);
  if ('made' in from) return sources.made(from.made);
  if ('text' in from) return Buffer.from(from.text);
  const bytes = sources.file(from.file);
  return Buffer.from(bytes.toString('latin1').replaceAll('@VERSION@', sources.version), 'latin1');
}
