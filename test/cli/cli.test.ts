import { describe, expect, it } from 'vitest';
import { deviceDocument, statusDocument } from '../mqtt/documents.ts';
import { commandLine } from './command-line.ts';

const { asked, ask, answers, gives } = commandLine();

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
    answers(({ args }) => ({
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
    }));
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
    answers(() => ({ ok: false, error: { code: 'internal', message: evil, remedy: evil } }));
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
    answers(() => ({ ok: false, error }));
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
