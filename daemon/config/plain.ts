import { error, type Problem, shown } from './problem.ts';
import { type Dictionary, isDictionary, type RawConfig, type RawSection } from './raw.ts';

/** Brings plain JSON (`{"main":{…},"mqtt":{…},"networks":[…],"devices":[…],"run_dir":…}`) to sections. */
export function fromPlain(json: Dictionary): RawConfig {
  const problems: Problem[] = [];
  const { main, mqtt, networks, devices, interfaces, static_names, ...system } = json;
  const one = (path: string, value: unknown): RawSection => {
    if (value === undefined || isDictionary(value)) return { path, values: value ?? {} };
    problems.push(error(path, `${shown(value)} is not an object`, `Write "${path}": { … }.`));
    return { path, values: {} };
  };
  const many = (path: string, value: unknown): RawSection[] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((item, index) => one(`${path}[${index}]`, item ?? null));
    problems.push(error(path, `${shown(value)} is not a list`, `Write "${path}": [ … ].`));
    return [];
  };
  return {
    main: one('main', main),
    mqtt: one('mqtt', mqtt),
    networks: many('networks', networks),
    devices: many('devices', devices),
    system: {
      path: '',
      values: system,
      beside: ['main', 'mqtt', 'networks', 'devices', 'interfaces', 'static_names'],
    },
    hosts: many('static_names', static_names),
    dump: interfaces,
    zones: [],
    leaseFiles: [],
    problems,
  };
}
