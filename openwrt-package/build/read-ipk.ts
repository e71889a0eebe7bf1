import { gunzipSync } from 'node:zlib';
import { isPackageVersion } from './package-description.ts';
import { faultsOf, readTar, type TarEntry } from './read-tar.ts';

/** What an .ipk holds, and everything that opkg would choke on, mostly without a word. */
export interface IpkReading {
  /** Fields of `control` by name. */
  readonly control: ReadonlyMap<string, string>;
  readonly scripts: ReadonlyMap<string, string>;
  readonly conffiles: readonly string[];
  readonly tree: readonly TarEntry[];
  /** Sentences; none for a package that is as it should be. */
  readonly faults: readonly string[];
}

const members = ['./debian-binary', './data.tar.gz', './control.tar.gz'];
const needed = ['Package', 'Version', 'Architecture', 'Description'];

/** Reads an .ipk and looks for faults. Never throws. */
export function readIpk(bytes: Buffer): IpkReading {
  const faults: string[] = [];
  const outer = unpacked('the package', bytes, faults);
  const names = outer.map(({ name }) => name);
  if (names.join() !== members.join())
    faults.push(`members are ${names.join(', ') || 'none'}, not ${members.join(', ')}`);
  const member = (name: string) => outer.find((entry) => entry.name === name)?.bytes ?? Buffer.alloc(0);
  if (member('./debian-binary').toString() !== '2.0\n') faults.push('debian-binary is not 2.0');
  const tree = unpacked('data.tar.gz', member('./data.tar.gz'), faults);
  const inControl = unpacked('control.tar.gz', member('./control.tar.gz'), faults);
  faults.push(...faultsOf(tree));
  const text = (name: string) =>
    inControl.find((entry) => entry.name === `./${name}`)?.bytes.toString() ?? '';
  const control = fieldsOf(text('control'));
  faults.push(...controlFaults(control));
  const conffiles = text('conffiles').split('\n').filter(Boolean);
  for (const path of conffiles)
    if (!tree.some(({ name }) => name === `.${path}`)) faults.push(`conffile ${path} is not in the package`);
  const scripts = inControl.filter(({ name }) => /^\.\/p(?:re|ost)/.test(name));
  for (const { name, mode } of scripts) if ((mode & 0o111) !== 0o111) faults.push(`${name} cannot be run`);
  return {
    control,
    scripts: new Map(scripts.map(({ name, bytes }) => [name.slice(2), bytes.toString()])),
    conffiles,
    tree,
    faults,
  };
}

function unpacked(what: string, bytes: Buffer, faults: string[]): readonly TarEntry[] {
  let tar: Buffer;
  try {
    tar = gunzipSync(bytes);
  } catch {
    faults.push(`${what} is not gzipped`);
    return [];
  }
  const { entries, faults: found } = readTar(tar);
  faults.push(...found.map((fault) => `${what}: ${fault}`));
  return entries;
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

function controlFaults(control: ReadonlyMap<string, string>): string[] {
  const missing = needed.filter((name) => !control.has(name)).map((name) => `control has no ${name}`);
  const version = control.get('Version');
  return [
    ...missing,
    ...(version !== undefined && !isPackageVersion(version) ? [`version ${version} is none of apk's`] : []),
  ];
}
