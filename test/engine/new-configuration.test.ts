import { describe, expect, test } from 'vitest';
import type { Config } from '../../daemon/config/config.ts';
import { offend } from './offend.ts';
import { keyOf, prefix, tv, world } from './world.ts';

describe('a new configuration', () => {
  test('keeps bans, but frees a device that became exempt', () => {
    const home = world();
    offend(home);
    home.give({ type: 'config', config: home.state.config });
    expect(home.ruleset()?.restricted).toHaveLength(1);
    const rule = { keys: [keyOf(tv)], exempt: true, relays: [], action: 'auto' as const };
    home.give({ type: 'config', config: { ...home.state.config, devices: [rule] } });
    expect(home.ruleset()?.restricted).toEqual([]);
  });

  test('from observe to guard: what was only noted does not begin to hold', () => {
    const home = world({ mode: 'observe' });
    offend(home);
    home.give({ type: 'config', config: { ...home.state.config, mode: 'guard' } });
    expect(home.ruleset()).toMatchObject({ holding: true, restricted: [] });
  });

  test('what the saved table holds is saved anew; a line that comes and goes writes nothing', () => {
    const home = world({ mode: 'observe' });
    const before = home.state.config;
    const asks = (changes: Partial<Config>) =>
      home.give({ type: 'config', config: { ...before, ...changes } }).some(({ type }) => type === 'persist');
    const strict = before.networks.map((one) =>
      one.name === 'lan' ? { ...one, class: 'iot' as const } : one,
    );
    const rule = { keys: [keyOf(tv)], exempt: true, relays: [], action: 'auto' as const };
    const relay = { prefix: prefix('198.51.100.0/24'), port: 25 as const };
    expect(asks({ mode: 'guard' })).toBe(true);
    expect(asks({ mode: 'guard' })).toBe(false);
    expect(asks({ mode: 'guard', devices: [{ ...rule, relays: [relay] }] })).toBe(true);
    expect(asks({ mode: 'guard', networks: strict })).toBe(true);
    expect(asks({ mode: 'guard', networks: strict, devices: [rule] })).toBe(true);
    const offline = strict.filter(({ role }) => role === 'guard');
    expect(asks({ mode: 'guard', networks: offline, devices: [rule] })).toBe(false);
    expect(asks({ mode: 'guard', networks: strict, devices: [rule], preset: 'strict' })).toBe(false);
  });
});
