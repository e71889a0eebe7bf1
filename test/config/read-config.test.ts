import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../daemon/address/prefix.ts';
import { formatProblem } from '../../daemon/config/problem.ts';
import { readConfig } from '../../daemon/config/read-config.ts';
import { rendered, section } from './router.ts';

function accepted(json: unknown) {
  const reading = readConfig(json);
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  return reading;
}

function refused(json: unknown) {
  const reading = readConfig(json);
  if (reading.ok) throw new Error('was accepted');
  return reading.problems.filter(({ severity }) => severity === 'error').map(formatProblem);
}

const options = (json: unknown) => refused(json).map((line) => line.split(': ')[0]);

describe('defaults', () => {
  test('an empty object is a complete configuration', () => {
    const { config, warnings } = accepted({});
    expect(config).toEqual({
      enabled: true,
      mode: 'guard',
      preset: 'normal',
      node: 'openwrt',
      lowmem: false,
      refuse: 'reset',
      maxBans: 5,
      logLevel: 'info',
      report: true,
      dataDir: '/etc/postern',
      runDir: '/var/run/postern',
      leaseFiles: ['/tmp/dhcp.leases', '/tmp/hosts/odhcpd', '/tmp/odhcpd.leases'],
      mailDomains: [],
      blocklists: [],
      mqtt: {
        enabled: false,
        url: '',
        insecure: false,
        base: 'postern',
        discovery: 'homeassistant',
        mergeDevices: false,
        commands: 'off',
      },
      networks: [],
      devices: [],
      staticNames: [],
    });
    expect(warnings.map(({ option }) => option)).toEqual(['networks']);
  });

  test('the node is named after the host and the end of the LAN MAC', () => {
    expect(accepted({ hostname: 'My Röuter+#/', lan_mac: '94-83-C4-1A-2B-3C' }).config.node).toBe(
      'my-r-uter-1a2b3c',
    );
    expect(accepted({ hostname: '…', lan_mac: 'none' }).config.node).toBe('openwrt');
    expect(accepted({ main: { node: 'Attic_1' }, hostname: 'x' }).config.node).toBe('Attic_1');
  });
});

describe('names', () => {
  test('a log, and domains in any case', () => {
    const main = { dns_log: '/tmp/dnsmasq.log', mail_domain: ['ISP.example', 'telco.co.uk'] };
    expect(accepted({ main }).config).toMatchObject({
      dnsLog: '/tmp/dnsmasq.log',
      mailDomains: ['isp.example', 'telco.co.uk'],
    });
    expect(accepted({ main: { mail_domain: 'isp.example telco.example' } }).config.mailDomains).toHaveLength(
      2,
    );
  });

  test.each([
    'com',
    '.example',
    'isp..example',
    '*.example',
    'a b',
    `${'a'.repeat(63)}.example`,
    '192.0.2.7',
  ])('%j is no domain', (domain) => {
    const reading = readConfig({ main: { mail_domain: [domain] } });
    expect(reading.ok).toBe(false);
  });
});

describe('the two shapes', () => {
  const uci = rendered(
    section('postern', 'main', {
      mode: 'observe',
      lowmem: '1',
      max_bans: '7',
      node: 'attic',
      enabled: 'off',
    }),
    section('mqtt', 'mqtt', {
      url: 'mqtts://Broker:8883/',
      username: 'p',
      password: 'secret',
      discovery: 'off',
    }),
    section('network', 'guest', { class: 'iot' }),
    section('device', 'cfg1', {
      mac: 'EC:71:DB:00:11:22 ec-71-db-00-11-23',
      name: 'Front door',
      action: 'tell',
    }),
    section('device', 'cfg2', {
      address: '10.8.0.2',
      class: 'mailserver',
      relay: ['Smtp.Example.org:587', '[2001:db8::/33]:465', '192.0.2.0/24:25'],
    }),
  );

  test('rendered UCI and plain JSON of the same say the same', () => {
    const plain = {
      main: { mode: 'observe', lowmem: true, max_bans: 7, node: 'attic', enabled: false },
      mqtt: { url: 'mqtts://broker:8883', username: 'p', password: 'secret', discovery: '' },
      networks: [{ name: 'guest', class: 'iot' }],
      devices: [
        { mac: ['ec:71:db:00:11:22', 'ec:71:db:00:11:23'], name: 'Front door', action: 'tell' },
        {
          address: '10.8.0.2',
          class: 'mailserver',
          relay: 'smtp.example.org:587 [2001:db8::/33]:465 192.0.2.0/24:25',
        },
      ],
      interfaces: uci.interfaces,
      hostname: uci.hostname,
      lan_mac: uci.lan_mac,
      static_names: [
        { name: 'camera', mac: ['EC:71:DB:00:11:22', 'ec:71:db:00:11:23'] },
        { name: 'printer', mac: '00:1b:a9:01:02:03 00:1b:a9:01:02:04' },
      ],
      lease_files: ['/tmp/dhcp.leases', '/tmp/hosts/odhcpd', '/tmp/odhcpd.leases'],
    };
    expect(accepted(plain).config).toEqual(accepted(uci).config);
    expect(accepted(uci).warnings).toEqual([]);
  });

  test('the values are what was written', () => {
    const { config } = accepted(uci);
    expect(config).toMatchObject({
      enabled: false,
      mode: 'observe',
      lowmem: true,
      maxBans: 7,
      node: 'attic',
    });
    expect(config.mqtt).toMatchObject({ enabled: true, url: 'mqtts://broker:8883', discovery: '' });
    expect(config.devices).toMatchObject([
      {
        keys: ['ec71db001122', 'ec71db001123'],
        name: 'Front door',
        exempt: false,
        action: 'tell',
        relays: [],
      },
      { keys: ['10.8.0.2'], class: 'mailserver', exempt: true, action: 'auto' },
    ]);
    expect(
      config.devices[1]?.relays.map(({ host, prefix, port }) => [
        host ?? (prefix && formatPrefix(prefix)),
        port,
      ]),
    ).toEqual([
      ['smtp.example.org', 587],
      ['2001:db8::/33', 465],
      ['192.0.2.0/24', 25],
    ]);
    expect(config.staticNames).toEqual([
      { mac: 'ec:71:db:00:11:22', name: 'camera' },
      { mac: 'ec:71:db:00:11:23', name: 'camera' },
      { mac: '00:1b:a9:01:02:03', name: 'printer' },
      { mac: '00:1b:a9:01:02:04', name: 'printer' },
    ]);
  });

  test('the bare answer of ubus is taken as well', () => {
    const bare = { values: section('postern', 'main', { mode: 'observe' }) };
    expect(accepted(bare).config.mode).toBe('observe');
    expect(options({ values: section('postern', 'main', { mode: 'x' }) })).toEqual(['postern.main.mode']);
  });

  test('an address beside a MAC is the fixed address of the device', () => {
    const { config } = accepted({
      devices: [{ mac: '02:00:00:00:00:01', address: '192.168.1.9', exempt: '1' }],
    });
    expect(config.devices).toMatchObject([{ keys: ['020000000001'], address: '192.168.1.9', exempt: true }]);
  });
});

describe('problems', () => {
  test('all are listed at once, by name, with a remedy', () => {
    const lines = refused(
      rendered(
        section('postern', 'main', {
          mode: 'gaurd',
          max_bans: '0',
          lowmem: 'perhaps',
          data_dir: 'etc',
          node: 'a/b',
        }),
        section('mqtt', 'mqtt', { url: 'http://x', base: 'a#', commands: 'al' }),
        section('network', 'lan', { role: 'gard' }),
        section('device', 'cfg1', { mac: ['xx', '01:00:5e:00:00:01'], action: 'kill' }),
        section('device', 'tv', { relay: ['smtp.example.org:26', '2001:db8::1:25', 'ok.example.org:25'] }),
        section('device', 'cfg2', { class: 'iot' }),
      ),
    );
    expect(lines).toEqual([
      'postern.main.mode: "gaurd" is not one of guard, observe (did you mean guard?). Remedy: Choose one of guard, observe.',
      'postern.main.node: "a/b" is not a name of letters, digits, _ and -. Remedy: Write a name of letters, digits, _ and -, such as attic-router.',
      'postern.main.lowmem: "perhaps" is neither 0 nor 1. Remedy: Write 1 or 0.',
      'postern.main.max_bans: "0" is not a whole number from 1 to 512. Remedy: Write a whole number from 1 to 512.',
      'postern.main.data_dir: "etc" is not an absolute path. Remedy: Write an absolute path, such as /etc/postern/ca.pem.',
      'postern.mqtt.url: "http://x" is not mqtt://host[:port] or mqtts://host[:port]. Remedy: Write the address as mqtt://host or mqtts://host.',
      'postern.mqtt.base: "a#" is not a topic of letters, digits, _ and -, levels parted by /. Remedy: Write a topic of letters, digits, _ and -, levels parted by /, such as postern.',
      'postern.mqtt.commands: "al" is not one of off, safe, all (did you mean all?). Remedy: Choose one of off, safe, all.',
      'postern.lan.role: "gard" is not one of guard, upstream, ignore (did you mean guard?). Remedy: Choose one of guard, upstream, ignore.',
      'postern.@device[0].mac: "xx" is not a device\'s MAC. Remedy: Write a device\'s MAC, such as ec:71:db:00:11:22.',
      'postern.@device[0].mac: "01:00:5e:00:00:01" is not a device\'s MAC. Remedy: Write a device\'s MAC, such as ec:71:db:00:11:22.',
      'postern.@device[0].action: "kill" is not one of auto, tell, restrict. Remedy: Choose one of auto, tell, restrict.',
      ...['smtp.example.org:26', '2001:db8::1:25'].map(
        (item) =>
          `postern.tv.relay: "${item}" is not host:port or prefix:port with port 25, 465, 587 or 2525. Remedy: Write host:port or prefix:port with port 25, 465, 587 or 2525, such as smtp.example.org:587, 192.0.2.0/24:25 or [2001:db8::1]:465.`,
      ),
      'postern.@device[2].mac: is missing. Remedy: Name the device by its mac, or by its address.',
    ]);
  });

  test('an unknown option is a warning with the name that was meant', () => {
    const { warnings } = accepted({ main: { mod: 'guard', zebra: 1 }, mqt: {}, networks: [] });
    expect(warnings.map(formatProblem)).toEqual([
      expect.stringMatching(
        /^main\.mod: an unknown option \(did you mean mode\?\), not read\. Remedy: Known options are /,
      ),
      expect.stringMatching(/^main\.zebra: an unknown option, not read/),
      expect.stringMatching(/^mqt: an unknown option \(did you mean mqtt\?\), not read/),
      expect.stringMatching(/^networks: there is no network to guard/),
    ]);
  });

  test('a long value is cut and a strange one escaped', () => {
    const lines = refused({ main: { mode: `\n\u001b[2J${'x'.repeat(10_000)}` } });
    expect(lines).toEqual([expect.stringMatching(/^main\.mode: "\\n\\u001b\[2Jx{30,40}…" is not one of /)]);
  });

  test('names that every object has are options like others', () => {
    const main = JSON.parse('{"toString":"","constructor":"x","__proto__":{"mode":"observe"}}');
    const { config, warnings } = accepted({ main });
    expect(config.mode).toBe('guard');
    expect(warnings.map(({ option }) => option)).toEqual(['main.constructor', 'main.__proto__', 'networks']);
  });

  test('an unknown type of section is a warning', () => {
    const { warnings } = accepted(
      rendered(section('devise', 'cfg1'), section('postern', 'main'), section('postern', 'b')),
    );
    expect(warnings.map(({ option }) => option)).toEqual(['postern.@devise[0]', 'postern.b']);
    expect(warnings[0]?.message).toContain('did you mean device?');
  });

  test('one device in two sections is refused', () => {
    const mac = '02:00:00:00:00:01';
    expect(options({ devices: [{ mac }, { mac: [mac.toUpperCase()] }] })).toEqual(['devices[1].mac']);
  });

  test('wrong shapes are problems, not exceptions', () => {
    expect(options(null)).toEqual(['config']);
    expect(options([])).toEqual(['config']);
    expect(options({ main: 1, networks: {}, devices: [1, null] })).toEqual([
      'main',
      'networks',
      'devices[0]',
      'devices[1]',
      'devices[0].mac',
      'devices[1].mac',
    ]);
  });

  test('more problems than anybody reads are cut, and the rest counted', () => {
    const devices = Array.from({ length: 300 }, () => ({ mac: 'x' }));
    const lines = refused({ devices });
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toMatch(/^config: there are \d+ more problems/);
  });

  test('the number of devices is bounded', () => {
    const devices = Array.from({ length: 1025 }, (_, index) => ({
      address: `10.0.${index >> 8}.${index & 255}`,
    }));
    expect(options({ devices })).toEqual(['devices']);
    expect(accepted({ devices: devices.slice(1) }).config.devices).toHaveLength(1024);
  });
});
