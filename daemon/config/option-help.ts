import type { SectionSchema } from './read-section.ts';
import type { deviceSchema, mainSchema, mqttSchema, networkSchema, systemSchema } from './schema.ts';

type HelpOf<S extends SectionSchema> = Readonly<Record<keyof S['entries'], string>>;

/** What each option is for, one line each, for the documentation and the settings page: the daemon does not carry them. */
export const optionHelp: {
  readonly main: HelpOf<typeof mainSchema>;
  readonly mqtt: HelpOf<typeof mqttSchema>;
  readonly network: HelpOf<typeof networkSchema>;
  readonly device: HelpOf<typeof deviceSchema>;
  readonly system: HelpOf<typeof systemSchema>;
} = {
  main: {
    enabled: 'Whether Postern runs.',
    mode: 'guard acts; observe only tells, and says what it would have done.',
    preset: 'How much evidence it takes to restrict a device.',
    node: 'Name of this router in topics and incident ids.',
    interpreter: 'Path of Node, if it is not in a usual place.',
    lowmem: 'Save memory at the price of some processor time.',
    refuse: 'How refused mail is answered: with a TCP reset, or not at all.',
    max_bans: 'The most devices held automatically at once; beyond it they are slowed and told.',
    log_level: 'The least important kind of line in the log.',
    report: 'Tell once a week what was seen: an event, for people to see that it works.',
    data_dir: 'Folder for what must outlive a reboot.',
    dns_log:
      "dnsmasq's log of queries, a file or a FIFO: shows which domain a server belongs to. See the page on detection.",
    mail_domain:
      "Domains of your provider's whose mail servers count as one, by dns_log. Never one in which strangers have names.",
    blocklist:
      "DNS blocklists on which the home's own address is looked up once a day, such as zen.spamhaus.org and bl.spamcop.net.",
    blocklist_resolver: 'Who is asked for that; a public resolver is refused by most lists.',
  },
  mqtt: {
    enabled: 'Whether to connect to an MQTT broker.',
    url: 'Address of the broker; mqtts is TLS. Ports 1883 and 8883 unless given.',
    username: 'Login at the broker.',
    password: 'Password at the broker. Never shown, never logged.',
    ca_file: "Certificate (PEM) that signed the broker's, where it is not publicly trusted.",
    cert_file: 'Client certificate (PEM), where the broker asks for one.',
    key_file: 'Key (PEM) of the client certificate.',
    server_name: "Name in the broker's certificate, if it is not the host of url.",
    insecure: "Do not check the broker's certificate. Reported as a weakness.",
    base: 'What every topic begins with.',
    discovery: "Home Assistant's discovery prefix; off for none.",
    merge_devices:
      'Show what Postern says of a device on the page that other integrations of Home Assistant made for its MAC.',
    commands:
      'What MQTT may ask for: nothing; only what strengthens the guard; or all, which needs a password, and TLS or a broker on the router.',
  },
  network: {
    name: 'Logical name of the interface in /etc/config/network.',
    role: 'guard watches the devices on it; upstream leads to the internet; ignore does neither.',
    class: 'What devices on it are unless said otherwise.',
    interfaces: 'Kernel interfaces (plain JSON; else found).',
    addresses: "The router's own addresses on it (plain JSON; else found).",
    prefixes: 'Prefixes of the devices on it (plain JSON; else found).',
  },
  device: {
    mac: 'Its MACs (cable and WLAN of one device may differ).',
    address: 'Its address, where it has no MAC; beside a MAC, the fixed address of an exempt device.',
    name: 'What to call it.',
    class:
      'What it is: iot has no business mailing, an appliance mails its owner, a computer has people at it, a mailserver mails everybody.',
    exempt: 'Whether its mail is never touched.',
    relay: 'Mail servers that it may always use.',
    action:
      'The most that Postern does to it by itself: anything, tell only, or restrict it to its known relays.',
  },
  system: {
    hostname: "The router's host name.",
    lan_mac: "MAC of the LAN bridge, for the node's name.",
    run_dir: 'Folder in memory for socket and snapshot.',
    lease_files: 'Lease files of dnsmasq and odhcpd.',
  },
};
