import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Request } from '../../daemon/control/request.ts';
import { type ControlServer, serveControl } from '../../daemon/system/unix-socket.ts';
import { deviceDocument, statusDocument } from '../mqtt/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-cli-'));
const program = join(folder, 'cli.mjs');
const socket = join(folder, 'postern.sock');
let server: ControlServer;
let answer: (request: Request) => Answer = () => ({ ok: true, data: {} });
let asked: Request[] = [];

beforeAll(async () => {
  await build({
    entryPoints: ['test/cli/cli-process.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  const result = await serveControl({
    path: socket,
    serve: (request, reply) => {
      asked.push(request);
      reply(answer(request));
    },
  });
  if (result.kind !== 'serving') throw new Error(result.kind);
  server = result.server;
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  asked = [];
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function postern(...words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...words], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

const ask = (...words: string[]) => postern(...words, '--socket', socket);
const gives = (data: unknown) => {
  answer = () => ({ ok: true, data });
};

describe('what people read', () => {
  it('shows the status', async () => {
    gives(
      statusDocument({
        state: 'degraded',
        degraded: [
          { code: 'ipv6_off', text: 'IPv6 is off', remedy: 'Nothing to do.', since: '' },
          { code: 'state_not_saved', text: 'Not saved', detail: 'ENOSPC', remedy: 'Check it.', since: '' },
        ],
      }),
    );
    const { code, out } = await ask('status');
    expect(code).toBe(0);
    expect(out).toBe(`Postern 0.0.0 on home: degraded, guarding since 2026-11-21 14:00 UTC
devices      5 seen, 2 send mail, 1 held
incidents    1 open
connections  71 for mail in 24 h, 12 refused
! IPv6 is off.
  Nothing to do.
! Not saved (ENOSPC).
  Check it.
`);
    expect(asked).toEqual([{ id: 1, do: 'status', args: {} }]);
  });

  it('shows devices as a table, over all pages', async () => {
    answer = ({ args }) => ({
      ok: true,
      data:
        args['after'] === undefined
          ? { schema: 1, devices: [deviceDocument()], next: 'ec71db001122' }
          : {
              schema: 1,
              devices: [
                deviceDocument({ name: 'printer', state: 'normal', class_reason: 'set for this device' }),
              ],
            },
    });
    const { out } = await ask('devices');
    expect(
      out,
    ).toBe(`DEVICE        NAME     CLASS                         STATE       LEFT    SCORE  MAIL 24 H  REFUSED  LAST MAIL
ec71db001122  camera   iot (camera: vendor Reolink)  restricted  59 min  7.1    12         9        2026-11-21 14:02 UTC
ec71db001122  printer  iot                           normal      59 min  7.1    12         9        2026-11-21 14:02 UTC
`);
    expect(asked.map(({ args }) => args)).toEqual([{}, { after: 'ec71db001122' }]);
  });

  it('asks for one page where one is asked for', async () => {
    gives({ schema: 1, devices: [], next: 'x' });
    const { out } = await ask('devices', '--limit', '5', '--after', 'abc');
    expect(out).toBe('No device has sent mail yet.\n');
    expect(asked.map(({ args }) => args)).toEqual([{ after: 'abc', limit: 5 }]);
  });

  it('shows one device, and why', async () => {
    gives({ ...deviceDocument(), why: ['14:02:03 25 new server 203.0.113.7: +3.62'] });
    const { out } = await ask('device', 'camera', '--why');
    expect(out).toContain('camera (ec71db001122): restricted, 59 min left');
    expect(out).toContain('iot (camera: vendor Reolink)');
    expect(out).toContain('why:\n  14:02:03 25 new server');
    expect(asked[0]?.args).toEqual({ device: 'camera', why: true });
  });

  it('shows incidents, and the story of one', async () => {
    const incident = {
      schema: 1,
      id: 'home-20261121T140203Z-7',
      device: 'ec71db001122',
      name: 'camera',
      state: 'open',
      opened: '2026-11-21T14:02:03Z',
      steps: [{ at: '2026-11-21T14:02:03Z', type: 'opened', text: 'camera tried 2 new mail servers' }],
      evidence: ['M,N +3.62'],
      refused: 9,
      destinations: 2,
    };
    gives({ schema: 1, incidents: [incident] });
    expect((await ask('incidents')).out).toContain(
      'home-20261121T140203Z-7  ec71db001122  camera  open   2026-11-21 14:02 UTC  9',
    );
    gives(incident);
    const { out } = await ask('incident', incident.id);
    expect(out).toContain('  2026-11-21 14:02:03 UTC  camera tried 2 new mail servers');
    expect(out).toContain('evidence:\n  M,N +3.62');
    expect(asked.at(-1)?.args).toEqual({ incident: incident.id });
  });

  it('says what an action came to', async () => {
    gives(deviceDocument({ state: 'blocked', until: '2026-11-21T15:03:00Z' }));
    const { out } = await ask('block', 'ec71db001122', '--for', '1h');
    expect(out).toBe('camera (ec71db001122): blocked, 60 min left\n');
    expect(asked[0]).toEqual({ id: 1, do: 'block', args: { device: 'ec71db001122', for: '1h' } });
    await ask('allow', 'camera', '192.0.2.7:587', '--for', 'reboot');
    expect(asked[1]?.args).toEqual({ device: 'camera', relay: '192.0.2.7:587', for: 'reboot' });
    await ask('disallow', 'camera', '192.0.2.7:587');
    expect(asked[2]).toEqual({ id: 1, do: 'disallow', args: { device: 'camera', relay: '192.0.2.7:587' } });
    expect((await ask('disallow', 'camera', '192.0.2.7:587', '--for', '1h')).code).toBe(2);
  });

  it('says that an incident was seen, and shows it', async () => {
    gives({ acknowledged: 'home-1' });
    expect((await ask('acknowledge', 'home-1')).out).toBe('Noted: you have seen home-1.\n');
    expect(asked[0]).toEqual({ id: 1, do: 'acknowledge', args: { incident: 'home-1' } });
    gives({ schema: 1, incidents: [{ id: 'home-1', state: 'open', acknowledged: true }] });
    expect((await ask('incidents')).out).toContain('open, seen');
  });

  it('pins a device, or no longer, and forgets one', async () => {
    gives(deviceDocument({ state: 'normal', pinned: true } as object));
    expect((await ask('pin', 'camera')).out).toContain('\nIt is kept, however long');
    gives(deviceDocument({ state: 'normal', pinned: false } as object));
    expect((await ask('pin', 'camera', '--off')).out).toContain('\nIt is no longer kept');
    gives({ forgotten: 'ec71db001122' });
    expect((await ask('forget', 'camera')).out).toBe('ec71db001122 is forgotten.\n');
    expect(asked).toEqual([
      { id: 1, do: 'pin', args: { device: 'camera' } },
      { id: 1, do: 'pin', args: { device: 'camera', on: false } },
      { id: 1, do: 'forget', args: { device: 'camera' } },
    ]);
  });

  it('shows mail by the hour, without the hours that had none', async () => {
    const week = { connections: [0, 3, 0, 12], suspicious: [0, 0, 0, 7], refused: [0, 0, 0, 5] };
    const until = '2026-11-22T01:20:00Z';
    gives({ schema: 1, until, ...week });
    const { out } = await ask('history');
    expect(out).toBe(`HOUR                  CONNECTIONS  SUSPICIOUS  REFUSED
2026-11-21 23:00 UTC  3            0           0
2026-11-22 01:00 UTC  12           7           5
`);
    gives({ schema: 1, until, connections: [0, 0] });
    expect((await ask('history', 'camera')).out).toBe(
      'No mail connections in the last 2 hours, as far as is known.\n',
    );
    gives({ schema: 1, until, connections: [1] });
    const json = JSON.parse((await ask('history', 'camera', '--json')).out);
    expect(json).toEqual({ schema: 1, until, connections: [1] });
    expect(asked.map(({ args }) => args)).toEqual([{}, { device: 'camera' }, { device: 'camera' }]);
  });

  it('asks for a test with its hooks, and shows each road', async () => {
    const hooks = [
      { hook: 'a', code: 0 },
      { hook: 'b', code: 3 },
      { hook: 'c', code: 143, timed_out: true },
      { hook: 'd' },
    ];
    gives({ sent: true, mqtt: 'delivered', followers: 1, hooks, silent: 0 });
    expect((await ask('test')).out).toBe(`A test alert was sent.
log     written
MQTT    the broker has it
hook a  done, exit code 0
hook b  failed, exit code 3; see the log
hook c  stopped when its time was up, exit code 143
hook d  has not ended yet; see the log
`);
    expect(asked[0]).toEqual({ id: 1, do: 'test', args: { hooks: true } });
    gives({ sent: true, mqtt: 'off', followers: 1, hooks: [], silent: 1 });
    expect((await ask('test')).out).toContain('did not say how they end');
    gives({ sent: true, mqtt: 'off', followers: 1, hooks: [], silent: 0 });
    expect((await ask('test')).out).toContain('hooks  there is none to run');
    gives({ sent: true, mqtt: 'off', followers: 0, hooks: [], silent: 0 });
    expect((await ask('test')).out).toContain('hooks  nobody runs hooks now');
  });

  it('prints no control character that a device chose', async () => {
    const evil = '\u001b[2J\u001b]0;x\u0007cam\nera\u202e\u009b31m';
    gives({ schema: 1, devices: [deviceDocument({ name: evil, vendor: evil })] });
    for (const words of [['devices'], ['devices', '--json']]) {
      const { out } = await ask(...words);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(out).toContain('cam');
    }
    const { out } = await ask('devices', '--json');
    expect(JSON.parse(out).devices[0].name).toBe(evil);
    answer = () => ({ ok: false, error: { code: 'internal', message: evil, remedy: evil } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect((await ask('status')).err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('what programs read', () => {
  it('is the document as the daemon gave it', async () => {
    gives(statusDocument());
    const { out } = await ask('status', '--json');
    expect(JSON.parse(out)).toEqual(statusDocument());
  });

  it('is the error, with exit code 1, where the daemon refuses', async () => {
    const error = {
      code: 'unknown_device',
      message: 'There is no such device',
      remedy: 'See "postern devices".',
    } as const;
    answer = () => ({ ok: false, error });
    const program_ = await ask('block', 'x', '--json');
    expect(program_.code).toBe(1);
    expect(JSON.parse(program_.out)).toEqual({ schema: 1, error });
    const person = await ask('block', 'x');
    expect(person).toEqual({
      code: 1,
      out: '',
      err: 'postern: There is no such device\nSee "postern devices".\n',
    });
  });
});

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
