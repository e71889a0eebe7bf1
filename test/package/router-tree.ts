import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { rendered, section } from '../config/router.ts';

const applets =
  'ash awk cat chgrp chmod chown cp env false grep head id ln ls mkdir mktemp mv readlink rm sed sh sleep sort tr true'.split(
    ' ',
  );
const shims = ['uci', 'ubus', 'jsonfilter', 'nft', 'logger'];
const passwd = 'root:x:0:0:root:/root:/bin/ash\npostern:x:65536:65536:::\npostern-hooks:x:65537:65537:::\n';
const group = 'root:x:0:\npostern:x:65536:\npostern-hooks:x:65537:\n';

/** A router's folder with the package unpacked in it: busybox, and in place of its other programs what writes down calls. */
export interface RouterTree {
  readonly dir: string;
  /** Sets an option: `postern.main.mode`. */
  set(option: string, value: string): void;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
  has(path: string): boolean;
  /** `755 0:0` of a file. */
  modeOf(path: string): string;
  /** A process as /proc tells of it, the service's where it has no parent; `caught` are the signals that it catches. */
  process(pid: number, of: { readonly exe: string; readonly parent?: number; readonly caught: string }): void;
  /** A Node of this version, there. */
  node(path: string, version: string): void;
  /** Runs a command in it; what it and its programs did, in order. */
  run(command: string): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
    readonly calls: string[];
  };
  remove(): void;
}

/** A router with this package, with Node and ujail, in its usual home. */
export function makeRouter(ipk: Buffer): RouterTree {
  const dir = mkdtempSync(join(tmpdir(), 'postern-router-'));
  const at = (path: string) => join(dir, path);
  const tree: RouterTree = {
    dir,
    set: (option, value) => tree.write(`/uci/${option}`, `${value}\n`),
    write(path, text, mode = 0o644) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
      chmodSync(at(path), mode);
    },
    read: (path) => readFileSync(at(path), 'utf8'),
    has: (path) => existsSync(at(path)),
    modeOf(path) {
      const { mode, uid, gid } = lstatSync(at(path));
      return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
    },
    node(path, version) {
      tree.write(path, shim('node'), 0o755);
      tree.write(`${path}.version`, `${version}\n`);
    },
    process(pid, { exe, parent = 1, caught }) {
      tree.write(`/proc/${pid}/status`, `PPid:\t${parent}\nSigIgn:\t0000000000001000\nSigCgt:\t${caught}\n`);
      symlinkSync(exe, at(`/proc/${pid}/exe`));
      if (parent === 1)
        tree.write('/ubus/service.json', `{"postern":{"instances":{"guard":{"pid":${pid}}}}}`);
    },
    run(command) {
      tree.write('/calls', '');
      const { status, stdout, stderr } = spawnSync('chroot', [dir, '/bin/ash', '-c', command], {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
        timeout: 20_000,
      });
      return { status, stdout, stderr, calls: tree.read('/calls').split('\n').filter(Boolean) };
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
  copyProgram(at, spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim());
  for (const name of applets) symlinkSync('busybox', at(`/bin/${name}`));
  for (const name of shims) tree.write(`/usr/bin/${name}`, shim(name), 0o755);
  tree.write('/etc/rc.common', shim('rc.common'), 0o755);
  tree.write('/etc/passwd', passwd);
  tree.write('/etc/group', group);
  tree.write('/enabled', '');
  tree.write('/sbin/ujail', '#!/bin/sh\n', 0o755);
  for (const path of ['/var/run', '/tmp', '/dev', '/uci', '/proc/sys/kernel'])
    mkdirSync(at(path), { recursive: true });
  tree.write('/dev/null', '', 0o666);
  tree.write('/proc/sys/kernel/hostname', 'OpenWrt\n');
  tree.write('/sys/class/net/br-lan/address', '94:83:c4:1a:2b:3c\n');
  const { uci, interfaces } = rendered(section('postern', 'main', { mode: 'observe' }));
  tree.write('/ubus/uci-postern.json', JSON.stringify(uci.postern));
  tree.write('/ubus/uci-dhcp.json', JSON.stringify(uci.dhcp));
  tree.write('/ubus/uci-firewall-zones.json', JSON.stringify(uci.firewall));
  tree.write('/ubus/dump.json', JSON.stringify(interfaces));
  for (const { name, isFolder, bytes, mode } of readIpk(ipk).tree) {
    if (!isFolder) tree.write(name.slice(1), bytes.toString('latin1'), mode);
  }
  tree.node('/usr/bin/node', '20.20.2');
  return tree;
}

const shim = (name: string) => readFileSync(join('test/package/router', name), 'utf8');

/** A program with the libraries that it needs. */
function copyProgram(at: (path: string) => string, program: string): void {
  mkdirSync(at('/bin'), { recursive: true });
  copyFileSync(program, at('/bin/busybox'));
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  for (const [path] of stdout.matchAll(/\/\S+/g)) {
    mkdirSync(at(dirname(path)), { recursive: true });
    copyFileSync(path, at(path));
  }
}
