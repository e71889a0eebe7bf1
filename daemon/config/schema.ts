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
  enabled: flag(true),
  mode: choice(['guard', 'observe'], 'guard'),
  preset: choice(['normal', 'strict', 'relaxed'], 'normal'),
  node: optionalText(nodeName, 'host name and the end of the LAN MAC'),
  interpreter: optionalText(absolutePath, 'found'),
  lowmem: flag(false),
  refuse: choice(['reset', 'drop'], 'reset'),
  max_bans: integer(1, 512, 5),
  log_level: choice(['debug', 'info', 'warn', 'error'], 'info'),
  report: flag(true),
  data_dir: text(absolutePath, '/etc/postern'),
  dns_log: optionalText({ ...absolutePath, example: '/tmp/dnsmasq.log' }, 'none'),
  mail_domain: list(mailDomainItem),
  blocklist: list(blocklistItem),
  blocklist_resolver: optionalText(resolver, "the router's own resolver"),
});

/** `mqtt 'mqtt'` */
export const mqttSchema = v.object({
  enabled: optionalFlag('1 if url is given'),
  url: v.exactOptional(
    v.pipe(
      parsedText(parseBrokerUrl, brokerUrlMessage),
      v.metadata({
        type: 'mqtt://host[:port] or mqtts://host[:port]',
        remedy: 'Write the address as mqtt://host or mqtts://host.',
        defaultText: '',
      }),
    ),
  ),
  username: optionalText({ ...displayName, type: 'a login', example: 'postern' }),
  password: secret(),
  ca_file: optionalText(absolutePath),
  cert_file: optionalText(absolutePath),
  key_file: optionalText(absolutePath),
  server_name: optionalText(hostName),
  insecure: flag(false),
  base: text(topicLevels, 'postern'),
  discovery: v.optional(
    v.pipe(
      parsedText(
        (input) => (discoveryOff.includes(input) ? '' : topicLevels.pattern.test(input) ? input : undefined),
        (input) => `${shown(input)} is not ${topicLevels.type}`,
      ),
      v.metadata({ type: `${topicLevels.type}, or off`, remedy: 'Write homeassistant, or off.' }),
    ),
    'homeassistant',
  ),
  merge_devices: flag(false),
  commands: choice(['off', 'safe', 'all'], 'off'),
});

/** `network`, one for each that is not as it is found. */
export const networkSchema = v.object({
  name: optionalText(networkName, 'name of the section'),
  role: optionalChoice(['guard', 'upstream', 'ignore'], 'upstream if it leads outwards, else guard'),
  class: optionalChoice(deviceClasses, 'none'),
  interfaces: list(interfaceItem, 'found'),
  addresses: list(addressItem, 'found'),
  prefixes: list(prefixItem, 'found'),
});

/** `device`, the owner's permanent words about one. */
export const deviceSchema = v.object({
  mac: list(macItem),
  address: v.exactOptional(
    v.pipe(
      parsedText(canonicalIp, (input) => `${shown(input)} is not an address`),
      v.metadata({
        type: 'an address',
        remedy: 'Write an address, such as 192.168.1.20.',
        defaultText: 'none',
      }),
    ),
  ),
  name: optionalText(displayName, 'found'),
  class: optionalChoice(deviceClasses, 'guessed, or that of its network'),
  exempt: optionalFlag('1 for class mailserver, else 0'),
  relay: list(relayItem),
  action: choice(['auto', 'tell', 'restrict'], 'auto'),
});

/** Facts of the system that come with the options: beside `uci`, or at the top of plain JSON. */
export const systemSchema = v.object({
  hostname: optionalText({
    pattern: /^.{0,255}$/s,
    type: 'text',
    example: 'OpenWrt',
  }),
  lan_mac: optionalText({
    pattern: /^.{0,64}$/s,
    type: 'a MAC',
    example: 'ec:71:db:00:11:22',
  }),
  run_dir: text(absolutePath, '/var/run/postern'),
  lease_files: list(
    {
      parse: (word) => (absolutePath.pattern.test(word) ? word : undefined),
      type: absolutePath.type,
      example: '/tmp/dhcp.leases',
      most: 8,
    },
    'those of UCI, and /tmp/dhcp.leases, /tmp/hosts/odhcpd, /tmp/odhcpd.leases',
  ),
});
