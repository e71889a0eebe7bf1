/** Why the guard is not whole: a closed list, each with what it means and what to do. */
export const degradedReasons = {
  starting: ['Postern is starting', 'Wait a few seconds.'],
  events_lost: [
    'The kernel reported mail connections faster than they could be read; some destinations are unknown',
    'Nothing to do: the kernel counted every connection. If it stays, look for a device that floods the network.',
  ],
  no_events: [
    'conntrack delivers no events',
    'Install the package "conntrack" and kmod-nf-conntrack-netlink, and see that the firmware does not bypass conntrack.',
  ],
  table_restored: [
    "Somebody changed or deleted Postern's firewall table; it was restored",
    'Find what runs "nft flush ruleset" or "fw4 flush"; Postern repairs the table within seconds.',
  ],
  nothing_guarded: [
    'There is no network to guard: nobody is watched, and no mail is stopped',
    'Name your networks in the configuration ("config network", role guard), or see why none is up.',
  ],
  ruleset_failed: [
    "Postern's firewall table could not be applied",
    'Install nftables-json (nft with JSON); see the log for the message of nft.',
  ],
  flow_offload: [
    'Flow offloading is on: live sessions are cut by deleting their conntrack entries',
    'Nothing to do; switch off offloading in Network > Firewall if a cut ever fails.',
  ],
  other_listener: [
    'Another program listens to conntrack, so every event of the router is read',
    'Nothing to do; on a busy router stop the other program (for example nlbwmon).',
  ],
  wan_down: [
    'The internet connection is down: what devices try meanwhile is not held against them',
    'See whether the modem has a line. Nothing to do in Postern: it ends with the first answer from outside.',
  ],
  set_full: [
    'A table of the kernel guard is full: strangers are held to a shared limit',
    'Look for a device that sends from many addresses.',
  ],
  conntrack_full: [
    'The connection table of the router is nearly full: it drops new connections, whosever they are',
    'Look for the device with the most connections in Status > Realtime Graphs > Connections; more room is net.netfilter.nf_conntrack_max.',
  ],
  identity_conflict: [
    'Two devices claim one address, or one MAC is seen in two places',
    'Look at the named devices: one may pretend to be the other.',
  ],
  mass_event: [
    'Eight devices or more were held within a minute',
    'See what changed for all of them before you trust it: "postern pause" holds nobody for a time.',
  ],
  topics_forged: [
    'Somebody else wrote to our MQTT topics; they were overwritten',
    'Give Postern an MQTT login of its own and restrict its topics to it.',
  ],
  mqtt_not_heard: [
    'The MQTT broker does not let Postern read some of its topics',
    'Let its login read and write postern/# and read homeassistant/status: see docs/mqtt.md.',
  ],
  not_routing: [
    'This machine forwards no traffic',
    'Run Postern on the router: an access point without routing sees no mail.',
  ],
  no_accounting: [
    'conntrack does not count bytes',
    'Set net.netfilter.nf_conntrack_acct=1 (the default of OpenWrt).',
  ],
  no_dns_log: [
    'The DNS log cannot be read: servers have no names',
    'Check dns_log, and log-queries and log-facility of dnsmasq.',
  ],
  ipv6_off: ['IPv6 is off on this router', 'Nothing to do.'],
  clock_not_set: [
    'The clock is not set yet',
    'Wait for NTP, or check that the router reaches a time server.',
  ],
  running_as_root: ['Postern runs as root', 'Install procd-ujail so that it can run with fewer rights.'],
  broker_unreachable: [
    'The MQTT broker cannot be reached',
    'Check the address, login and certificate in the settings; Postern keeps trying and guards meanwhile.',
  ],
  client_id_taken: [
    'Another client has our MQTT client id: the broker closes our connection again and again',
    'Another router or program uses the same name: give each router a name of its own (option node).',
  ],
  mqtt_insecure: ['The MQTT certificate is not checked', 'Give ca_file, and remove the option insecure.'],
  state_damaged: [
    'The saved state was damaged and was set aside',
    'Nothing to do: bans in the kernel were kept; look at the disk if it happens again.',
  ],
  state_not_saved: ['The state cannot be saved', 'Check free space and rights of the data directory.'],
  node_too_old: ['Node is older than 20.18', 'Install Node 20.18 or later.'],
  config_rejected: ['The new configuration has mistakes; the old one stays in force', 'Run "postern check".'],
} as const satisfies Record<string, readonly [text: string, remedy: string]>;

export type DegradedReason = keyof typeof degradedReasons;

/** Reasons that are told but are no trouble. */
const harmless: ReadonlySet<DegradedReason> = new Set([
  'ipv6_off',
  'flow_offload',
  'other_listener',
  'running_as_root',
]);

/** Reasons that begin at every start, or that everybody notices, and are not worth an event. */
export const silentReasons: ReadonlySet<DegradedReason> = new Set([...harmless, 'starting', 'wan_down']);

/** What the status says of a guard for which these reasons hold. */
export function guardStateOf(reasons: readonly DegradedReason[]): 'ok' | 'degraded' | 'starting' {
  if (reasons.includes('starting')) return 'starting';
  return reasons.every((reason) => harmless.has(reason)) ? 'ok' : 'degraded';
}
