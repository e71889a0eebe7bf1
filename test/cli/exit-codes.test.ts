import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine } from './command-line.ts';

const { folder, postern } = commandLine();

describe('exit codes', () => {
  it('is 69 where no daemon runs', async () => {
    const { code, err } = await postern('status', '--socket', join(folder, 'none.sock'));
    expect(code).toBe(69);
    expect(err).toContain('Postern is not running');
  });

  it.each([
    [[], 'no command given'],
    [['statsu'], 'did you mean "status"'],
    [['device'], 'needs DEVICE'],
    [['allow', 'cam'], 'needs RELAY:PORT'],
    [['status', 'now'], 'one word too many'],
    [['status', '--why'], 'takes no --why'],
    [['status', '--nonsense'], 'nonsense'],
    [['block', 'cam', '--for', '1 hour'], 'is no time'],
    [['allow', 'cam', 'relay'], 'is no relay'],
    [['devices', '--limit', '0'], 'from 1 to 9999'],
    [['replay'], 'needs FILE...'],
    [['replay', 'f', '--class', 'camera'], '--class must be one of iot,'],
    [['replay', 'f', '--preset', 'loose'], '--preset must be one of relaxed,'],
    [['replay', 'f', '--lan', '10.0.0.0/40'], 'is no prefix'],
    [['replay', 'f', '--outage', '2026-11-21/2026-11-22'], 'is no time'],
    [['replay', 'f', '--outage', '2026-11-22T10:00:00Z/2026-11-22T09:00:00Z'], 'is no time'],
    [['status', '--enforce'], 'takes no --enforce'],
  ])('is 2 for %j', async (words, message) => {
    const { code, err, out } = await postern(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('is 78 for a bad configuration, with every problem, and 0 for a good one', async () => {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ main: { mode: 'gaurd', max_bans: -1 } }));
    const bad = await postern('check', file);
    expect(bad.code).toBe(78);
    expect(bad.out).toContain('main.mode');
    expect(bad.out).toContain('main.max_bans');
    expect(JSON.parse((await postern('check', '--config', file, '--json')).out)).toMatchObject({ ok: false });
    writeFileSync(file, '{"main":');
    expect((await postern('check', file)).out).toContain('is not JSON');
    expect((await postern('check', join(folder, 'none'))).code).toBe(78);
    writeFileSync(file, JSON.stringify({ main: {} }));
    const good = await postern('check', file);
    expect(good.code).toBe(0);
    expect(good.out).toContain('is in order');
  });
});

describe('help and the daemon', () => {
  it('shows every command and exit code', async () => {
    const { code, out } = await postern('--help');
    expect(code).toBe(0);
    for (const word of ['allow DEVICE RELAY:PORT', 'replay FILE...', '--json', '69', '78'])
      expect(out).toContain(word);
    expect((await postern('--version')).out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  it('hands run, ruleset and replay to the daemon', async () => {
    expect((await postern('run')).out).toBe('run {"configPath":"/var/run/postern/config.json"}\n');
    expect((await postern('ruleset', '--static', '--config', 'c')).out).toBe(
      'ruleset {"configPath":"c","static":true}\n',
    );
    const asked = (await postern('replay', 'f', 'g', '--enforce', '--json')).out;
    expect(JSON.parse(asked.replace('replay ', ''))).toMatchObject({
      paths: ['f', 'g'],
      ...{ json: true, preset: 'normal', enforce: true },
    });
    expect((await postern('replay', 'f', '--preset', 'mild')).code).toBe(2);
  });

  it('hands hooks to their own part, with a socket of their own', async () => {
    const usual = { folder: '/etc/postern/hooks.d', socket: '/var/run/postern/events/postern.sock' };
    const hooks = async (...words: string[]) =>
      JSON.parse((await postern('hooks', ...words)).out.replace('hooks ', ''));
    expect(await hooks()).toEqual({ ...usual, test: false, allowCapabilities: false });
    expect(await hooks('--test', '--allow-capabilities', '--dir', 'd', '--socket', 's')).toEqual({
      ...{ folder: 'd', socket: 's', test: true, allowCapabilities: true },
    });
    expect((await postern('hooks', 'x')).code).toBe(2);
    expect((await postern('status', '--test')).err).toContain('takes no --test');
  });
});
