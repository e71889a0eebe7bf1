import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp } from '../../daemon/address/ip.ts';
import { mailPorts } from '../../daemon/conntrack/flow.ts';
import { parseFlowLine } from '../../daemon/conntrack/parse-line.ts';
import { eventsOf, fixture, logs } from './samples.ts';

const tuple = 'src=192.168.7.20 dst=198.51.100.25 sport=45478 dport=25';
const reply = 'src=198.51.100.25 dst=203.0.113.7 sport=25 dport=45478';

test('an event with everything', () => {
  const line = `[1795291737.817091]\t[DESTROY] ipv4     2 tcp      6 120 CLOSE ${tuple} packets=1 bytes=60 [UNREPLIED] ${reply} packets=2 bytes=40 delta-time=0 id=1617806999 [USERSPACE] portid=4247056738`;
  expect(parseFlowLine(line)).toEqual({
    kind: 'destroy',
    family: 4,
    src: '192.168.7.20',
    sport: 45478,
    dst: '198.51.100.25',
    dport: 25,
    replySrc: '198.51.100.25',
    id: 1617806999,
    printedAtS: 1795291737.817091,
    tcpState: 'CLOSE',
    replied: false,
    assured: false,
    out: { packets: 1, bytes: 60 },
    back: { packets: 2, bytes: 40 },
  });
});

test.each([
  [
    'a row of a listing',
    `ipv4     2 tcp      6 431999 ESTABLISHED ${tuple} ${reply} [ASSURED] mark=0 use=1 id=7`,
  ],
  [
    'no family words',
    `tcp      6 119 TIME_WAIT ${tuple} packets=6 bytes=322 ${reply} packets=4 bytes=218 mark=0 use=1`,
  ],
  ['no state, no timeout', `    [NEW] tcp 6 ${tuple} [UNREPLIED] ${reply}`],
  ['no reply', `[NEW] ipv4 2 tcp 6 120 SYN_SENT ${tuple}`],
  ['a line end of two characters', `tcp 6 120 SYN_SENT ${tuple} ${reply}\r`],
  [
    'security context and zones',
    `tcp 6 1 LAST_ACK ${tuple} zone-orig=1 ${reply} secctx=system_u:object_r:x zone=1 use=2`,
  ],
  [
    'times of day',
    `tcp 6 1 CLOSE ${tuple} ${reply} [start=Mon Nov 22 02:19:00 2026] [stop=Mon Nov 22 02:20:00 2026] helper=ftp labels=a,b`,
  ],
  ['a field twice', `tcp 6 1 CLOSE ${tuple} dport=443 sport=1 dst=9.9.9.9 ${reply}`],
  [
    'unknown words',
    `[NEW] ipv4 2 tcp 6 120 NEVER_HEARD_OF what=ever ${tuple} [NOVEL] ${reply} x= = =y [ [1.] ]`,
  ],
])('tolerates %s', (_, line) => {
  expect(parseFlowLine(line)).toMatchObject({ family: 4, src: '192.168.7.20', sport: 45478, dport: 25 });
});

test('kinds, flags and offloading', () => {
  expect(parseFlowLine(`[UPDATE] tcp 6 ${tuple} ${reply} [ASSURED]`)).toMatchObject({
    kind: 'update',
    assured: true,
    replied: true,
  });
  const offloaded = parseFlowLine(`ipv4 2 tcp 6 ${tuple} ${reply} [OFFLOAD] mark=0 use=3 id=5`);
  expect(offloaded).toMatchObject({ kind: 'row', offload: 'software', id: 5 });
  expect(offloaded).not.toHaveProperty('tcpState');
  expect(parseFlowLine(`tcp 6 ${tuple} ${reply} [HW_OFFLOAD] use=3`)).toMatchObject({ offload: 'hardware' });
  expect(parseFlowLine(`[NEW] tcp 6 ${tuple} [UNREPLIED] ${reply}`)).toMatchObject({
    kind: 'new',
    replied: false,
  });
});

test('the reply side names where a redirected flow really goes', () => {
  const line = `[NEW] tcp 6 src=192.168.7.20 dst=203.0.113.7 sport=4000 dport=25 [UNREPLIED] src=192.168.7.9 dst=192.168.7.20 sport=2500 dport=4000 id=1`;
  expect(parseFlowLine(line)).toMatchObject({ dst: '203.0.113.7', dport: 25, replySrc: '192.168.7.9' });
});

test('IPv6 comes out canonical, however it was written', () => {
  const line = `[NEW] ipv6 10 tcp 6 src=2001:DB8:0:0:0:0:0:20 dst=2001:db8::0:1 sport=1 dport=587 src=::ffff:192.0.2.1 dst=::1 sport=587 dport=1`;
  expect(parseFlowLine(line)).toMatchObject({
    family: 6,
    src: '2001:db8::20',
    dst: '2001:db8::1',
    replySrc: '::ffff:c000:201',
  });
});

test.each([
  [
    'another port',
    `[NEW] tcp 6 1 SYN_SENT src=1.2.3.4 dst=5.6.7.8 sport=25 dport=443 src=5.6.7.8 dst=1.2.3.4 sport=443 dport=25`,
  ],
  ['UDP', `[NEW] ipv4 2 udp 17 30 ${tuple} ${reply}`],
  ['no protocol', `${tuple} ${reply}`],
  ['a torn beginning', tuple.slice(5)],
  ['a torn end', '[NEW] tcp 6 1 SYN_SENT src=1.2.3.4 dst=5.6.7.8 sport=4'],
  ['families mixed', 'tcp 6 src=1.2.3.4 dst=::1 sport=4 dport=25'],
  ['a bad address', 'tcp 6 src=1.2.3.256 dst=1.2.3.4 sport=4 dport=25'],
  ['a leading zero', 'tcp 6 src=1.2.3.04 dst=1.2.3.4 sport=4 dport=25'],
  ['an option as address', 'tcp 6 src=--orig-dst dst=1.2.3.4 sport=4 dport=25'],
  ['a bad port', 'tcp 6 src=1.2.3.4 dst=1.2.3.5 sport=65536 dport=25'],
  ['two lines run together', `tcp 6 ${tuple} tcp 6 ${tuple} ${reply}`],
  ['an overlong line', `tcp 6 ${tuple} ${'x'.repeat(1024)}`],
])('refuses %s', (_, line) => {
  expect(parseFlowLine(line)).toBeUndefined();
});

test('counters that a number cannot hold are left out', () => {
  const line = `tcp 6 ${tuple} packets=1 bytes=18446744073709551615 ${reply} packets=1 bytes=1`;
  expect(parseFlowLine(line)).not.toHaveProperty('out');
  expect(parseFlowLine(line)).toHaveProperty('back');
});

test.each(logs)('every mail line of %s is read, nothing else', (name) => {
  const lines = fixture(`${name}.log`).split('\n');
  const ports = lines.map((line) => Number(/ dport=(\d+) /.exec(line)?.[1]));
  const mail = ports.filter((port) => mailPorts.some((mailPort) => mailPort === port));
  const events = eventsOf(name);
  expect(events.length).toBe(mail.length);
  expect(events.length).toBeGreaterThan(50);
  for (const event of events) {
    expect(event.id).toBeGreaterThan(0);
    expect(event.printedAtS).toBeGreaterThan(1.7e9);
    expect(event.tcpState).toBeDefined();
    expect(event.out !== undefined).toBe(event.kind === 'destroy');
  }
});

test.each(['conntrack-1.4.7', 'conntrack-1.4.8'])('the listing of %s has both families', (version) => {
  const rows = fixture(`${version}/ipv6.rows`)
    .split('\n')
    .flatMap((line) => parseFlowLine(line) ?? []);
  const live = rows.filter((row) => row.tcpState === 'ESTABLISHED');
  expect(live.map((row) => row.family).sort()).toEqual([4, 6]);
  for (const row of live) expect(row).toMatchObject({ kind: 'row', assured: true, dport: 25 });
  for (const row of live) expect(row.out?.packets).toBe(3);
});

const address = fc.oneof(
  fc.tuple(fc.constant(4 as const), fc.bigInt(0n, 2n ** 32n - 1n)),
  fc.tuple(fc.constant(6 as const), fc.bigInt(0n, 2n ** 128n - 1n)),
);

test('property: what conntrack can print is read back', () => {
  const sameFamily = fc.oneof(
    fc.tuple(fc.constant(4 as const), fc.bigInt(0n, 2n ** 32n - 1n), fc.bigInt(0n, 2n ** 32n - 1n)),
    fc.tuple(fc.constant(6 as const), fc.bigInt(0n, 2n ** 128n - 1n), fc.bigInt(0n, 2n ** 128n - 1n)),
  );
  fc.assert(
    fc.property(
      sameFamily,
      fc.nat(65535),
      fc.constantFrom(...mailPorts),
      fc.nat(),
      ([family, a, b], sport, dport, id) => {
        const [src, dst] = [formatIp({ family, value: a }), formatIp({ family, value: b })];
        const line = `[12.000001]\t    [NEW] ipv${family} 2 tcp      6 120 SYN_SENT src=${src} dst=${dst} sport=${sport} dport=${dport} [UNREPLIED] src=${dst} dst=${src} sport=${dport} dport=${sport} id=${id}`;
        expect(parseFlowLine(line)).toEqual({
          kind: 'new',
          family,
          src,
          sport,
          dst,
          dport,
          replySrc: dst,
          id,
          printedAtS: 12.000001,
          tcpState: 'SYN_SENT',
          replied: false,
          assured: false,
        });
      },
    ),
  );
});

test('property: arbitrary bytes never throw, and what comes out is an address and a mail port', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'tcp',
      '6',
      '[NEW]',
      '[DESTROY]',
      '[UNREPLIED]',
      '[OFFLOAD]',
      'src=',
      '=',
      '[',
      'dport=25',
      'sport=1',
      'id=9',
      'bytes=1',
      'packets=2',
      '\t',
      '\0',
    ),
    address.map(([family, value]) => `src=${formatIp({ family, value })}`),
    address.map(([family, value]) => `dst=${formatIp({ family, value })}`),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const event = parseFlowLine(words.join(' '));
      if (!event) return;
      expect(mailPorts).toContain(event.dport);
      expect(event.src).toMatch(/^[0-9a-f:.]+$/);
      expect(event.dst).toMatch(/^[0-9a-f:.]+$/);
    }),
    { numRuns: 2_000 },
  );
});
