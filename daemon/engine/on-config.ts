import type { Config } from '../config/config.ts';
import { condition } from './conditions.ts';
import { endBan } from './hold.ts';
import { announce, closeIncident, tell } from './incidents.ts';
import { keepDevice } from './known-devices.ts';
import type { Turn } from './state.ts';
import { whoIs } from './who.ts';

/**
 * Takes a new configuration into force. Bans stay, but for devices that became exempt, and for automatic ones noted
 * while the guard only observed: those never held anybody, and should not begin to by themselves.
 */
export function onConfig(turn: Turn, config: Config): void {
  const { state } = turn;
  const observedBefore = state.config.mode === 'observe' && config.mode === 'guard';
  const guarded = ({ networks }: Config) =>
    networks.filter(({ role }) => role === 'guard').map(({ name }) => name);
  const before = guarded(state.config);
  for (const name of guarded(config))
    if (!before.includes(name)) announce(turn, 'new_network', { note: name });
  // Else the next boot would begin with a table of the old words.
  if (savedPart(config) !== savedPart(state.config)) turn.effects.push({ type: 'persist', urgent: false });
  state.config = config;
  condition(turn, 'nothing_guarded', guarded(config).length === 0);
  state.who.clear();
  state.known = undefined;
  state.names.clear();
  for (const rule of config.devices) for (const key of rule.keys) keepDevice(turn, key);
  for (const record of state.records.values()) {
    if (!record.ban) continue;
    const isVirtual = observedBefore && record.ban.origin === 'auto';
    const { exempt } = whoIs(state, record.key);
    if (!isVirtual && !exempt) continue;
    endBan(turn, record);
    if (!exempt || record.incident === undefined) continue;
    tell(turn, record, 'released', { note: 'From now on its mail is never touched.' });
    closeIncident(turn, record);
  }
  for (const key of state.records.keys()) turn.changed.add(key);
  turn.rulesetChanged = true;
  state.statusDirty = true;
}

/** What its owner says that the saved table holds. Not what leads outwards, and no address: they come and go with the line. */
function savedPart({ enabled, mode, refuse, networks, devices }: Config): string {
  const guarded = networks
    .filter(({ role }) => role === 'guard')
    .map(({ name, interfaces, class: of }) => [name, interfaces, of]);
  return JSON.stringify([enabled, mode, refuse, guarded, devices], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
