import { mqttConfig, mqttProblems } from './check-mqtt.ts';
import type { Config } from './config.ts';
import { foundNetworks } from './found-network.ts';
import { joinNetworks } from './join-networks.ts';
import { defaultNode } from './node-name.ts';
import { fromPlain } from './plain.ts';
import { error, type Problem, shown, warning } from './problem.ts';
import { isDictionary, type RawConfig, type RawSection } from './raw.ts';
import { deviceRule, maxDevices, repeatedDevices, staticNames } from './read-device.ts';
import { readSection, type SectionReading, type SectionSchema } from './read-section.ts';
import { deviceSchema, mainSchema, mqttSchema, networkSchema, systemSchema } from './schema.ts';
import { fromUci } from './uci.ts';

/** A configuration that may be used, or everything that is wrong with it. */
export type ConfigReading =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Most problems that one answer lists; of the rest only the number is told. */
const maxProblems = 200;
const usualLeaseFiles = ['/tmp/dhcp.leases', '/tmp/hosts/odhcpd', '/tmp/odhcpd.leases'];

/**
 * Checks a configuration and fills in every default. Takes rendered UCI (`{"uci":…,"interfaces":…}`), the bare
 * answer of `ubus call uci get`, or plain JSON (`{"main":…,"mqtt":…,"networks":[…],"devices":[…]}`). Never throws; `problems`
 * holds the warnings too, errors first.
 */
export function readConfig(json: unknown): ConfigReading {
  if (!isDictionary(json)) {
    return {
      ok: false,
      problems: [error('config', `${shown(json)} is not a JSON object`, 'Write { "main": { … } }.')],
    };
  }
  const isUci = isDictionary(json['uci']) || isDictionary(json['values']);
  const { config, problems } = check(isUci ? fromUci(json) : fromPlain(json));
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (errors.length === 0 && config) return { ok: true, config, warnings: limited(warnings) };
  return { ok: false, problems: limited([...errors, ...warnings]) };
}

function check(raw: RawConfig): { config?: Config; problems: Problem[] } {
  const problems: Problem[] = [...raw.problems];
  const values = <T>(reading: SectionReading<T>): T | undefined => {
    problems.push(...reading.problems);
    return reading.values;
  };
  const all = <S extends SectionSchema>(schema: S, sections: readonly RawSection[]) =>
    sections.flatMap((section) => {
      const read = values(readSection(schema, section));
      return read === undefined ? [] : [{ path: section.path, section: section.name, values: read }];
    });

  const main = values(readSection(mainSchema, raw.main));
  const mqttValues = values(readSection(mqttSchema, raw.mqtt));
  const system = values(readSection(systemSchema, raw.system));
  const mqtt = mqttValues && mqttConfig(mqttValues);
  if (mqtt) problems.push(...mqttProblems(raw.mqtt.path, mqtt));

  const found = raw.dump === undefined ? [] : foundNetworks(raw.dump, raw.zones);
  if (!found) {
    const message = 'is not the answer of ubus call network.interface dump, so no network could be found';
    problems.push(warning('interfaces', message, 'See what that command says on this router.'));
  }
  const joined = joinNetworks(all(networkSchema, raw.networks), found ?? []);
  problems.push(...joined.problems);

  if (raw.devices.length > maxDevices) {
    const message = `${raw.devices.length} sections are more than ${maxDevices}`;
    problems.push(error('devices', message, 'Remove devices that are gone.'));
  }
  const rules = all(deviceSchema, raw.devices.slice(0, maxDevices)).flatMap(({ path, values: device }) => {
    const rule = deviceRule(path, device);
    if (!('severity' in rule)) return [{ path, rule }];
    problems.push(rule);
    return [];
  });
  problems.push(...repeatedDevices(rules));

  if (!main || !mqtt || !system) return { problems };
  const config: Config = {
    enabled: main.enabled,
    mode: main.mode,
    preset: main.preset,
    node: main.node ?? defaultNode(system.hostname, system.lan_mac),
    ...(main.interpreter === undefined ? {} : { interpreter: main.interpreter }),
    lowmem: main.lowmem,
    refuse: main.refuse,
    maxBans: main.max_bans,
    logLevel: main.log_level,
    report: main.report,
    dataDir: main.data_dir,
    runDir: system.run_dir,
    leaseFiles: system.lease_files ?? [...new Set([...raw.leaseFiles, ...usualLeaseFiles])],
    ...(main.dns_log === undefined ? {} : { dnsLog: main.dns_log }),
    mailDomains: main.mail_domain ?? [],
    blocklists: main.blocklist ?? [],
    ...(main.blocklist_resolver === undefined ? {} : { blocklistResolver: main.blocklist_resolver }),
    mqtt,
    networks: joined.networks,
    devices: rules.map(({ rule }) => rule),
    staticNames: staticNames(raw.hosts),
  };
  return { config, problems };
}

function limited(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= maxProblems) return problems;
  const message = `there are ${problems.length - maxProblems} more problems`;
  return [
    ...problems.slice(0, maxProblems),
    {
      ...error('config', message, 'Correct those above first.'),
      severity: problems[maxProblems]?.severity ?? 'error',
    },
  ];
}
