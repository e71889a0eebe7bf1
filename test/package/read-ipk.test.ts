import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { TreeEntry } from '../../openwrt-package/build/package-contents.ts';
import { isPackageVersion } from '../../openwrt-package/build/package-description.ts';
import { readIpk } from '../../openwrt-package/build/read-ipk.ts';
import { tarOf } from '../../openwrt-package/build/tar.ts';

const file = (path: string, text = 'x', mode = 0o644): TreeEntry => ({
  path,
  mode,
  bytes: Buffer.from(text),
});
const folder = (path: string): TreeEntry => ({ path, mode: 0o755 });
const control = 'Package: a\nVersion: 1.0-r1\nArchitecture: all\nDescription: A.\n';
const good = {
  debian: '2.0\n',
  data: gzipSync(tarOf([folder('/etc'), file('/etc/a')], 0)),
  control: gzipSync(
    tarOf([file('/conffiles', '/etc/a\n'), file('/control', control), file('/postinst', '', 0o755)], 0),
  ),
};

function ipk(
  parts: Partial<Record<keyof typeof good, Buffer | string>> = {},
  names = ['data', 'control'],
): Buffer {
  const { debian, data, control: inner } = { ...good, ...parts };
  const member = (path: string, bytes: Buffer | string) => ({ path, mode: 0o644, bytes: Buffer.from(bytes) });
  const [dataName = '', controlName = ''] = names;
  const entries = [
    member('/debian-binary', debian),
    member(`/${dataName}.tar.gz`, data),
    member(`/${controlName}.tar.gz`, inner),
  ];
  return gzipSync(tarOf(entries, 0, false));
}

const data = (...entries: readonly TreeEntry[]) => ({ data: gzipSync(tarOf(entries, 0)) });
const inControl = (...entries: readonly TreeEntry[]) => ({ control: gzipSync(tarOf(entries, 0)) });

/** The data tar with one byte range of its second header (`./etc/`) written over, checksum included. */
function patched(offset: number, text: string): { data: Buffer } {
  const tar = gunzipSync(good.data);
  const header = tar.subarray(512, 1024);
  header.write(text, offset, 'latin1');
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return { data: gzipSync(tar) };
}

test('a package as it should be has no fault', () => {
  expect(readIpk(ipk()).faults).toEqual([]);
});

test.each<[string, Buffer, string]>([
  ['an ar archive', Buffer.from('!<arch>\ndebian-binary   '), 'the package is not gzipped'],
  ['a tar that is not gzipped', gunzipSync(ipk()), 'the package is not gzipped'],
  ['nothing', Buffer.alloc(0), 'the package is not gzipped'],
  ['data.tar.xz', ipk({}, ['data.xz', 'control']), 'members are'],
  ['members in another order', ipk({}, ['control', 'data']), 'members are'],
  ['another format version', ipk({ debian: '3.0\n' }), 'debian-binary is not 2.0'],
  [
    'data packed by xz',
    ipk({ data: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) }),
    'data.tar.gz is not gzipped',
  ],
  ['pax headers', ipk(patched(156, 'x')), 'pax headers'],
  ['a symbolic link', ipk(patched(156, '2')), 'is of the type 2'],
  ['a file without its folder', ipk(data(file('/etc/a'))), 'comes without its folder'],
  ['a file of another user', ipk(patched(108, '0001750')), 'belongs to 1000:0'],
  ['a file of another group', ipk(patched(116, '0001750')), 'belongs to 0:1000'],
  [
    'a file that everybody may write',
    ipk(data(folder('/etc'), file('/etc/a', 'x', 0o666))),
    'has the mode 666',
  ],
  ['a setuid file', ipk(data(folder('/etc'), file('/etc/a', 'x', 0o4755))), 'has the mode 4755'],
  ['a path out of the tree', ipk(data(folder('/..'), file('/../a'))), 'is outside'],
  ['files out of order', ipk(data(folder('/etc'), file('/etc/b'), file('/etc/a'))), 'not sorted'],
  ['a file twice', ipk(data(folder('/etc'), file('/etc/a'), file('/etc/a'))), 'is there twice'],
  ['no file at all', ipk(data(folder('/etc'))), 'no file in it'],
  ['no control', ipk(inControl(file('/conffiles', '/etc/a\n'))), 'control has no Package'],
  [
    'a conffile that is not there',
    ipk(inControl(file('/conffiles', '/etc/b\n'), file('/control', control))),
    'conffile /etc/b',
  ],
  [
    'a script that cannot be run',
    ipk(inControl(file('/control', control), file('/prerm'))),
    './prerm cannot be run',
  ],
  [
    'a version that apk refuses',
    ipk(inControl(file('/control', control.replace('-r1', '-1')))),
    "none of apk's",
  ],
  [
    'a damaged header',
    ipk({ data: gzipSync(gunzipSync(good.data).fill(0xff, 520, 524)) }),
    'a header is damaged',
  ],
  [
    'a tar that is cut off',
    ipk({ data: gzipSync(gunzipSync(good.data).subarray(0, 1600)) }),
    'it has no end',
  ],
  ['a gzip that is cut off', ipk().subarray(0, 200), 'the package is not gzipped'],
])('%s is refused', (_, bytes, fault) => {
  expect(readIpk(bytes).faults.join('\n')).toContain(fault);
});

test.each([
  ['0.1.0-r1', true],
  ['0.1.0_rc1-r1', true],
  ['0.1.0-1', false],
  ['0.1.0-rc1', false],
  ['0.1.0-beta', false],
  ['0.1.0', false],
])('version %s: %s', (version, isOne) => {
  expect(isPackageVersion(version)).toBe(isOne);
});
