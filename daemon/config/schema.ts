import * as v from 'valibot';
import { canonicalIp } from '../address/ip.ts';
import { parseMac } from '../address/mac.ts';
import { parsePrefix } from '../address/prefix.ts';
import { brokerUrlMessage, parseBrokerUrl } from './broker-url.ts';
import { deviceClasses } from './config.ts';
import {
  choice,
  flag,
  integer,
  list,
  optionalChoice,
  optionalFlag,
  optionalText,
  parsedText,
  secret,
  type TextForm,
  text,
} from './option-types.ts';
import { shown } from './problem.ts';
import { parseDomain, parseRelayRule } from './relay-rule.ts';

const absolutePath: TextForm = {
  pattern: /^\/[A-Za-z0-9._/@+-]{0,254}$/,
  type: 'an absolute path',
  example: '/etc/postern/ca.pem',
};
const nodeName: TextForm = {
  pattern: /^[A-Za-z0-9_-]{1,64}$/,
  type: 'a name of letters, digits, _ and -',
  example: 'attic-router',
};
const networkName: TextForm = {
  pattern: /^[A-Za-z0-9_]{1,15}$/,
  type: 'a name of 1 to 15 letters, digits and _',
  example: 'guest',
};
const hostName: TextForm = {
  pattern: /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/,
  type: 'a host name',
  example: 'broker.example.org',
};
const topicLevels: TextForm = {
  pattern: /^[A-Za-z0-9_-]{1,64}(?:\/[A-Za-z0-9_-]{1,64}){0,3}$/,
  type: 'a topic of letters, digits, _ and -, levels parted by /',
  example: 'postern',
};
const resolver: TextForm = {
  pattern: /^(?:(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|[0-9a-fA-F:]{2,39}|\[[0-9a-fA-F:]{2,39}\]:\d{1,5})$/,
  type: 'an address, with a port where it is not 53',
  example: '127.0.0.1 or [::1]:5353',
};
const displayName: TextForm = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  pattern: /^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,64}$/,
  type: 'a name of 1 to 64 visible characters',
  example: 'Front door camera',
};

const macItem = { parse: parseMac, type: "a device's MAC", example: 'ec:71:db:00:11:22', most: 16 };
const relayItem = {
  parse: parseRelayRule,
  type: 'host:port or prefix:port with port 25, 465, 587 or 2525',
  example: 'smtp.example.org:587, 192.0.2.0/24:25 or [2001:db8::1]:465',
  most: 32,
};
const mailDomainItem = { parse: parseDomain, type: 'a domain', example: 'isp.example', most: 16 };
const blocklistItem = {
  parse: parseDomain,
  type: 'the zone of a blocklist',
  example: 'zen.spamhaus.org',
  most: 8,
};
const addressItem = { parse: canonicalIp, type: 'an address', example: '192.168.1.1', most: 64 };
const prefixItem = { parse: parsePrefix, type: 'a prefix', example: '192.168.1.0/24', most: 64 };
const interfaceItem = {
  parse: (word: string) => (isInterfaceName(word) ? word : undefined),
  type: 'the name of a kernel interface',
  example: 'br-lan',
  most: 16,
};

/** Whether it can be the name of a kernel interface, and of no more than harmless characters. */
export function isInterfaceName(word: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(word);
}

/** Whether it can be the logical name of a network. */
export function isNetworkName(word: string): boolean {
  return networkName.pattern.test(word);
}

/** Whether it can be shown as the name of a device. */
export function isDisplayName(word: string): boolean {
  return displayName.pattern.test(word);
}

/** Words that switch an option off that would be on: UCI cannot hold an empty value. */
const discoveryOff = ['', 'off', '0', 'no', 'none'];

/** `postern 'main'` */
export const mainSchema = v.object({
  enabled: flag('Whether Postern runs.', true),
  mode: choice(
    'guard acts; observe only tells, and says what it would have done.',
    ['guard', 'observe'],
    'guard',
  ),
  preset: choice(
    'How much evidence it takes to restrict a device.',
    ['normal', 'strict', 'relaxed'],
    'normal',
  ),
  node: optionalText(
    'Name of this router in topics and incident ids.',
    nodeName,
    'host name and the end of the LAN MAC',
  ),
  interpreter: optionalText('Path of Node, if it is not in a usual place.', absolutePath, 'found'),
  lowmem: flag('Save memory at the price of some processor time.', false),
  refuse: choice(
    'How refused mail is answered: with a TCP reset, or not at all.',
    ['reset', 'drop'],
    'reset',
  ),
  max_bans: integer(
    'The most devices held automatically at once; beyond it they are slowed and told.',
    1,
    512,
    5,
  ),
  log_level: choice(
    'The least important kind of line in the log.',
    ['debug', 'info', 'warn', 'error'],
    'info',
  ),
  report: flag('Tell once a week what was seen: an event, for people to see that it works.', true),
  data_dir: text('Folder for what must outlive a reboot.', absolutePath, '/etc/postern'),
  dns_log: optionalText(
    "dnsmasq's log of queries, a file or a FIFO: shows which domain a server belongs to. See the page on detection.",
    { ...absolutePath, example: '/tmp/dnsmasq.log' },
    'none',
  ),
  mail_domain: list(
    "Domains of your provider's whose mail servers count as one, by dns_log. Never one in which strangers have names.",
    mailDomainItem,
  ),
  blocklist: list(
    "DNS blocklists on which the home's own address is looked up once a day, such as zen.spamhaus.org and bl.spamcop.net.",
    blocklistItem,
  ),
  blocklist_resolver: optionalText(
    'Who is asked for that; a public resolver is refused by most lists.',
    resolver,
    "the router's own resolver",
  ),
});

/** `mqtt 'mqtt'` */
export const mqttSchema = v.object({
  enabled: optionalFlag('Whether to connect to an MQTT broker.', '1 if url is given'),
  url: v.exactOptional(
    v.pipe(
      parsedText(parseBrokerUrl, brokerUrlMessage),
      v.description('Address of the broker; mqtts is TLS. Ports 1883 and 8883 unless given.'),
      v.metadata({
        type: 'mqtt://host[:port] or mqtts://host[:port]',
        remedy: 'Write the address as mqtt://host or mqtts://host.',
        defaultText: '',
      }),
    ),
  ),
  username: optionalText('Login at the broker.', { ...displayName, type: 'a login', example: 'postern' }),
  password: secret('Password at the broker. Never shown, never logged.'),
  ca_file: optionalText(
    "Certificate (PEM) that signed the broker's, where it is not publicly trusted.",
    absolutePath,
  ),
  cert_file: optionalText('Client certificate (PEM), where the broker asks for one.', absolutePath),
  key_file: optionalText('Key (PEM) of the client certificate.', absolutePath),
  server_name: optionalText("Name in the broker's certificate, if it is not the host of url.", hostName),
  insecure: flag("Do not check the broker's certificate. Reported as a weakness.", false),
  base: text('What every topic begins with.', topicLevels, 'postern'),
  discovery: v.optional(
    v.pipe(
      parsedText(
        (input) => (discoveryOff.includes(input) ? '' : topicLevels.pattern.test(input) ? input : undefined),
        (input) => `${shown(input)} is not ${topicLevels.type}`,
      ),
      v.description("Home Assistant's discovery prefix; off for none."),
      v.metadata({ type: `${topicLevels.type}, or off`, remedy: 'Write homeassistant, or off.' }),
    ),
    'homeassistant',
  ),
  merge_devices: flag(
    'Show what Postern says of a device on the page that other integrations of Home Assistant made for its MAC.',
    false,
  ),
  commands: choice(
    'What MQTT may ask for: nothing; only what strengthens the guard; or all, which needs a password, and TLS or a broker on the router.',
    ['off', 'safe', 'all'],
    'off',
  ),
});

/** `network`, one for each that is not as it is found. */
export const networkSchema = v.object({
  name: optionalText(
    'Logical name of the interface in /etc/config/network.',
    networkName,
    'name of the section',
  ),
  role: optionalChoice(
    'guard watches the devices on it; upstream leads to the internet; ignore does neither.',
    ['guard', 'upstream', 'ignore'],
    'upstream if it leads outwards, else guard',
  ),
  class: optionalChoice('What devices on it are unless said otherwise.', deviceClasses, 'none'),
  interfaces: list('Kernel interfaces (plain JSON; else found).', interfaceItem, 'found'),
  addresses: list("The router's own addresses on it (plain JSON; else found).", addressItem, 'found'),
  prefixes: list('Prefixes of the devices on it (plain JSON; else found).', prefixItem, 'found'),
});

/** `device`, the owner's permanent words about one. */
export const deviceSchema = v.object({
  mac: list('Its MACs (cable and WLAN of one device may differ).', macItem),
  address: v.exactOptional(
    v.pipe(
      parsedText(canonicalIp, (input) => `${shown(input)} is not an address`),
      v.description('Its address, where it has no MAC; beside a MAC, the fixed address of an exempt device.'),
      v.metadata({
        type: 'an address',
        remedy: 'Write an address, such as 192.168.1.20.',
        defaultText: 'none',
      }),
    ),
  ),
  name: optionalText('What to call it.', displayName, 'found'),
  class: optionalChoice(
    'What it is: iot has no business mailing, an appliance mails its owner, a computer has people at it, a mailserver mails everybody.',
    deviceClasses,
    'guessed, or that of its network',
  ),
  exempt: optionalFlag('Whether its mail is never touched.', '1 for class mailserver, else 0'),
  relay: list('Mail servers that it may always use.', relayItem),
  action: choice(
    'The most that Postern does to it by itself: anything, tell only, or restrict it to its known relays.',
    ['auto', 'tell', 'restrict'],
    'auto',
  ),
});

/** Facts of the system that come with the options: beside `uci`, or at the top of plain JSON. */
export const systemSchema = v.object({
  hostname: optionalText("The router's host name.", {
    pattern: /^.{0,255}$/s,
    type: 'text',
    example: 'OpenWrt',
  }),
  lan_mac: optionalText("MAC of the LAN bridge, for the node's name.", {
    pattern: /^.{0,64}$/s,
    type: 'a MAC',
    example: 'ec:71:db:00:11:22',
  }),
  run_dir: text('Folder in memory for socket and snapshot.', absolutePath, '/var/run/postern'),
  lease_files: list(
    'Lease files of dnsmasq and odhcpd.',
    {
      parse: (word) => (absolutePath.pattern.test(word) ? word : undefined),
      type: absolutePath.type,
      example: '/tmp/dhcp.leases',
      most: 8,
    },
    'those of UCI, and /tmp/dhcp.leases, /tmp/hosts/odhcpd, /tmp/odhcpd.leases',
  ),
});
