import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conntrackSockets, otherListeners, socketInode } from '../../daemon/conntrack/other-listeners.ts';

// Two `conntrack -E` in a namespace of their own: 11860 with NEW and DESTROY, 11861 with UPDATE too.
const text = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000c113072f 0   0          00000000 0        0        0     2        0        17645   
00000000430573b7 10  0          00000007 0        0        0     2        0        17649   
0000000055086f20 12  3373745650 00000007 0        0        0     2        0        17664   
000000005b4b63c2 12  0          00000000 0        0        0     2        0        17652   
000000005ed5838b 12  11861      00000000 0        0        0     2        0        17663   
00000000ba21e756 12  11860      00000000 0        0        0     2        0        17665   
000000008a9e4bc5 12  2522558694 00000005 0        0        0     2        0        17666   
000000001111bc5a 12  77         000000c8 0        0        0     2        0        17670   
`;

test('finds the sockets that listen, not those that only ask', () => {
  expect(conntrackSockets(text)).toEqual([
    { inode: 17664, portId: 3373745650, events: ['new', 'update', 'destroy'] },
    { inode: 17666, portId: 2522558694, events: ['new', 'destroy'] },
  ]);
});

test('ours are told apart by their inode', () => {
  const others = otherListeners(conntrackSockets(text), new Set([17665, 17666]));
  expect(others.map(({ inode }) => inode)).toEqual([17664]);
  expect(otherListeners(conntrackSockets(text), new Set([17664, 17666]))).toEqual([]);
});

test('the inode of a descriptor', () => {
  expect(socketInode('socket:[17666]')).toBe(17666);
  expect(socketInode('pipe:[17666]')).toBeUndefined();
  expect(socketInode('/tmp/socket:[1]')).toBeUndefined();
});

test('property: never throws', () => {
  const row = fc.array(fc.oneof(fc.constantFrom('12', '7', '00000005', 'x', '-1'), fc.string()), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      for (const { inode } of conntrackSockets(rows.map((words) => words.join(' ')).join('\n'))) {
        expect(Number.isSafeInteger(inode)).toBe(true);
      }
    }),
  );
});
