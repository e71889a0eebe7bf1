import { closest, type Problem, shown, warning } from './problem.ts';
import { type Dictionary, isDictionary, type RawConfig, type RawSection } from './raw.ts';
import { zonesOf } from './zone.ts';

const sectionTypes = ['postern', 'mqtt', 'network', 'device'];

interface UciSection extends RawSection {
  readonly type: string;
}

/** Brings rendered UCI (`{"uci":{"postern":{"values":…}},"interfaces":…}`, or the bare answer of `ubus call uci get`) to sections. */
export function fromUci(json: Dictionary): RawConfig {
  const files = isDictionary(json['uci']) ? json['uci'] : { postern: json };
  const sections = sectionsOf('postern', files['postern']);
  const dhcp = sectionsOf('dhcp', files['dhcp']);
  const ofType = (type: string) => sections.filter((section) => section.type === type);
  const { hostname, lan_mac, run_dir, lease_files } = json;
  return {
    main: ofType('postern')[0] ?? { path: 'postern.main', values: {} },
    mqtt: ofType('mqtt')[0] ?? { path: 'postern.mqtt', values: {} },
    networks: ofType('network'),
    devices: ofType('device'),
    system: { path: '', values: given({ hostname, lan_mac, run_dir, lease_files }) },
    hosts: dhcp.filter((section) => section.type === 'host'),
    dump: json['interfaces'],
    zones: zonesOf(sectionsOf('firewall', files['firewall'])),
    leaseFiles: dhcp.flatMap(({ type, values }) => {
      const file = type === 'dnsmasq' || type === 'odhcpd' ? values['leasefile'] : undefined;
      return typeof file === 'string' ? [file] : [];
    }),
    problems: shapeProblems(sections),
  };
}

/** The sections of one UCI file, in their order; none if it is no such answer. */
function sectionsOf(file: string, answer: unknown): UciSection[] {
  const values = isDictionary(answer) ? answer['values'] : undefined;
  if (!isDictionary(values)) return [];
  const counts = new Map<string, number>();
  return Object.entries(values).flatMap(([key, section]) => {
    if (!isDictionary(section)) return [];
    const type = String(section['.type']);
    const index = counts.get(type) ?? 0;
    counts.set(type, index + 1);
    const anonymous = section['.anonymous'] === true;
    const options = Object.fromEntries(Object.entries(section).filter(([option]) => !option.startsWith('.')));
    const path = anonymous ? `${file}.@${type}[${index}]` : `${file}.${key}`;
    return [{ type, path, values: options, ...(anonymous ? {} : { name: key }) }];
  });
}

function shapeProblems(sections: readonly UciSection[]): Problem[] {
  return sections.flatMap(({ type, path }, index) => {
    if (!sectionTypes.includes(type)) {
      const meant = closest(type, sectionTypes);
      const message = `a section of the unknown type ${shown(type)}${meant ? ` (did you mean ${meant}?)` : ''}`;
      return [warning(path, message, `Known types are ${sectionTypes.join(', ')}.`)];
    }
    const isSecond = sections.findIndex((section) => section.type === type) !== index;
    if (!isSecond || (type !== 'postern' && type !== 'mqtt')) return [];
    return [warning(path, `a second section of type ${type} is not read`, 'Remove it.')];
  });
}

function given(values: Dictionary): Dictionary {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
