import type { DeviceKey } from '../address/device-key.ts';
import type { Mac } from '../address/mac.ts';
import type { Prefix } from '../address/prefix.ts';
import type { MailPort } from '../conntrack/flow.ts';

/** From what the user or a network says, or what is guessed: how much mail such a thing has reason to send. */
export const deviceClasses = ['iot', 'appliance', 'unknown', 'computer', 'mailserver'] as const;
export type DeviceClass = (typeof deviceClasses)[number];

export type Mode = 'guard' | 'observe';
export type Preset = 'normal' | 'strict' | 'relaxed';

/** A relay that the owner allows for ever: a host name, or a prefix; and its port. */
export interface RelayRule {
  readonly host?: string;
  readonly prefix?: Prefix;
  readonly port: MailPort;
}

/** `device` section: the owner's permanent words about one device. */
export interface DeviceRule {
  /** Every key that the section names: its MACs, or its address. */
  readonly keys: readonly DeviceKey[];
  /** Canonical text, where the section gives an address beside its MACs: an exemption then needs both. */
  readonly address?: string;
  readonly name?: string;
  readonly class?: DeviceClass;
  /** A declared mail server: its mail is never touched. `address`, where fixed, must fit too. */
  readonly exempt: boolean;
  readonly relays: readonly RelayRule[];
  /** The most that Postern may do to it by itself. */
  readonly action: 'auto' | 'tell' | 'restrict';
}

/** One logical network with its kernel interfaces, joined from UCI and from what the system reports. */
export interface Network {
  /** UCI's logical name: `[A-Za-z0-9_]{1,15}`. */
  readonly name: string;
  readonly role: 'guard' | 'upstream' | 'ignore';
  readonly class?: DeviceClass;
  /** Kernel names: `br-lan`, `br-lan.20`, `wg0`. */
  readonly interfaces: readonly string[];
  /** Frames on it carry MACs; absent where nobody looked yet, which counts as yes. Filled in from the kernel. */
  readonly ethernet?: boolean;
  /** The router's own addresses on it, canonical text. */
  readonly addresses: readonly string[];
  /** The prefixes that live on it. */
  readonly prefixes: readonly Prefix[];
}

export interface MqttConfig {
  readonly enabled: boolean;
  /** `mqtt://host[:port]` or `mqtts://host[:port]`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  /** First levels of every topic; `postern`. */
  readonly base: string;
  /** Home Assistant's discovery prefix; empty turns discovery off. */
  readonly discovery: string;
  /** Home Assistant shows our entities on the pages of the devices of other integrations, by MAC. */
  readonly mergeDevices: boolean;
  readonly commands: 'off' | 'safe' | 'all';
}

/** The checked configuration with every default filled in. */
export interface Config {
  readonly enabled: boolean;
  readonly mode: Mode;
  readonly preset: Preset;
  readonly node: string;
  readonly interpreter?: string;
  readonly lowmem: boolean;
  /** How refused mail is answered: TCP reset, or silence. */
  readonly refuse: 'reset' | 'drop';
  /** The most automatic bans at once. */
  readonly maxBans: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Whether the week's facts are told. */
  readonly report: boolean;
  readonly dataDir: string;
  /** Snapshot, socket and rendered config live here (memory). */
  readonly runDir: string;
  /** dnsmasq's and odhcpd's lease and host files, read where present. */
  readonly leaseFiles: readonly string[];
  /** dnsmasq's log of queries, a file or a FIFO. */
  readonly dnsLog?: string;
  /** Domains all of whose mail servers count as one. */
  readonly mailDomains: readonly string[];
  /** Zones of DNS blocklists on which the home's own address is looked up. */
  readonly blocklists: readonly string[];
  /** Who is asked; the system's resolver where it is absent. */
  readonly blocklistResolver?: string;
  readonly mqtt: MqttConfig;
  readonly networks: readonly Network[];
  readonly devices: readonly DeviceRule[];
  /** Static names from `dhcp.@host`. */
  readonly staticNames: readonly { readonly mac: Mac; readonly name: string }[];
}
