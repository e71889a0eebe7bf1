import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { History } from '../../daemon/history/history.ts';
import type { Seen } from '../../daemon/history/seen.ts';
import { Timeline } from '../../daemon/history/timeline.ts';
import { answerWho, type WhoView } from '../../daemon/history/who-answer.ts';
import { readAsked } from '../../daemon/history/who-asked.ts';
import { parseZone, utc, type Zone } from '../../daemon/history/zone.ts';

const startMs = Date.UTC(2026, 10, 21, 12, 0, 0);
const minuteMs = 60_000;
const camera = 'ec71db001122' as DeviceKey;
const laptop = 'a4c3f0001133' as DeviceKey;
const at = (minutes: number) => ({ nowMs: minutes * minuteMs, wallMs: startMs + minutes * minuteMs });

/** A history of so many hours with what was seen at these minutes. */
function viewOf(seen: readonly (Seen & { readonly minute: number })[], minutes = 600): WhoView {
  const history = new History(new Timeline(at(0)));
  for (const { minute, ...one } of seen) history.note(one, at(minute));
  history.tick(at(minutes));
  return {
    history,
    zone: utc,
    describe: (key) => ({ name: `name of ${key}`, class: 'iot' }),
    groupOf: (address) => `${address}/16`,
  };
}

function ask(view: WhoView, time: string, more: { port?: number; to?: string } = {}, zone: Zone = utc) {
  const read = readAsked({ at: time, ...more }, zone);
  if ('fault' in read) throw new Error(read.fault);
  return answerWho({ ...view, zone }, read.asked, read.notes);
}

const mailed = (key: DeviceKey, minute: number, address = '198.51.100.9', port: Seen['port'] = 25) => ({
  ...{ key, minute, address, port, connections: 1, delivered: 1, messages: 1 },
});

describe('who', () => {
  test('names the one that mailed just then, with what it did', () => {
    const answer = ask(viewOf([mailed(camera, 122), mailed(laptop, 400)]), '2026-11-21T14:02:03Z');
    expect(answer.asked).toEqual([
      { at: '2026-11-21T14:02:03Z', local: '2026-11-21T14:02:03+00:00', uncertainty_s: 120 },
    ]);
    expect(answer.answers).toEqual([
      {
        ...{
          device: camera,
          name: `name of ${camera}`,
          class: 'iot',
          confidence: 'high',
          at: '2026-11-21T14:02:03Z',
        },
        ...{ first: '2026-11-21T14:02:00Z', last: '2026-11-21T14:03:00Z', precision_s: 60 },
        ...{ connections: 1, delivered: 1, messages: 1, refused: 0, ports: [25] },
        ...{ groups: ['198.51.100.9/16'], servers: ['198.51.100.9'] },
      },
    ]);
    expect(answer.notes).toEqual([]);
  });

  test('is not sure where two fit, and less so of one an hour off', () => {
    const view = viewOf([mailed(camera, 122), mailed(laptop, 121), mailed('b00000000001' as DeviceKey, 60)]);
    const { answers } = ask(view, '2026-11-21T14:02:03Z');
    expect(answers.map(({ device, confidence }) => [device, confidence])).toEqual([
      [camera, 'medium'],
      [laptop, 'medium'],
      ['b00000000001', 'low'],
    ]);
  });

  test('what was refused comes last: nobody can complain of it', () => {
    const view = viewOf([
      { key: laptop, minute: 122, address: '198.51.100.9', port: 25, refused: 50 },
      mailed(camera, 130),
    ]);
    const { answers } = ask(view, '2026-11-21T14:02:03Z');
    expect(answers.map(({ device, confidence }) => [device, confidence])).toEqual([
      [camera, 'medium'],
      [laptop, 'low'],
    ]);
  });

  test('keeps to the port and the server that are asked for', () => {
    const view = viewOf([mailed(camera, 122), mailed(laptop, 122, '2001:db8:5::25', 587)]);
    const devices = (more: { port?: number; to?: string }) =>
      ask(view, '2026-11-21T14:02:03Z', more).answers.map(({ device }) => device);
    expect(devices({ port: 587 })).toEqual([laptop]);
    expect(devices({ to: '198.51.100.9' })).toEqual([camera]);
    expect(devices({ to: '2001:db8:5::77' })).toEqual([laptop]);
    const { answers, notes } = ask(view, '2026-11-21T14:02:03Z', { to: '198.51.100.10' });
    expect(answers.map(({ confidence }) => confidence)).toEqual(['low', 'low']);
    expect(notes).toEqual(['Nothing was seen to that mail server; these mailed to others then.']);
    expect(ask(view, '2026-11-21T18:02:03Z', { to: '198.51.100.10' }).notes).toEqual([
      expect.stringMatching(/^Nothing was seen: no device/),
    ]);
  });

  test('says what it cannot know', () => {
    const view = viewOf([mailed(camera, 122)]);
    const notes = (time: string) => ask(view, time).notes.join('\n');
    expect(notes('2026-11-21T18:00:00Z')).toMatch(/^Nothing was seen/);
    expect(notes('2026-11-20T14:00:00Z')).toMatch(/^The history starts at 2026-11-21T12:00:00Z/);
    expect(notes('2026-12-20T14:00:00Z')).toMatch(/has not come yet/);
    const gap = new History(
      new Timeline({ nowMs: 0, wallMs: startMs + 180 * minuteMs }, [
        { from: startMs / minuteMs, to: startMs / minuteMs + 60 },
      ]),
    );
    gap.tick({ nowMs: 3_600_000, wallMs: startMs + 240 * minuteMs });
    expect(ask({ ...view, history: gap }, '2026-11-21T14:02:03Z').notes[0]).toMatch(
      /^Nothing is known from 2026-11-21T13:00:00Z .* to 2026-11-21T15:00:00Z/,
    );
    const unset = new History(new Timeline({ nowMs: 0, wallMs: 0 }));
    expect(ask({ ...view, history: unset }, '2026-11-21T14:02:03Z').notes[0]).toMatch(
      /clock of this router is not set/,
    );
  });

  test('asked for several times names each device once, by the time that fits best', () => {
    const view = viewOf([mailed(camera, 122), mailed(laptop, 300)]);
    const { answers, asked } = ask(view, '2026-11-21T13:30:00Z; 2026-11-21T14:02:03Z;2026-11-21T17:00:10Z');
    expect(asked).toHaveLength(3);
    expect(answers.map(({ device, at: fit }) => [device, fit])).toEqual([
      [camera, '2026-11-21T14:02:03Z'],
      [laptop, '2026-11-21T17:00:10Z'],
    ]);
  });

  test('an answer of many devices with many servers fits the line of the socket', () => {
    const seen = Array.from({ length: 40 * 60 }, (_, index) =>
      mailed(
        (0xb00000000000 + (index % 40)).toString(16) as DeviceKey,
        122,
        `2001:db8:${index.toString(16)}::1`,
      ),
    );
    expect(JSON.stringify(ask(viewOf(seen), '2026-11-21T14:02:03Z')).length).toBeLessThan(60_000);
  });
});

describe('a time', () => {
  const berlin = parseZone('CET-1CEST,M3.5.0,M10.5.0/3');
  if (!berlin) throw new Error('no zone');

  test.each([
    ['2026-11-21T14:02:03Z', '2026-11-21T14:02:03Z'],
    ['2026-11-21T15:02:03.123+01:00', '2026-11-21T14:02:03Z'],
    ['2026-11-21 09:02:03 -0500', '2026-11-21T14:02:03Z'],
    ['Sat, 21 Nov 2026 15:02:03 +0100', '2026-11-21T14:02:03Z'],
    ['21 Nov 2026 14:02:03 GMT', '2026-11-21T14:02:03Z'],
    ['Sat, 21 Nov 2026 15:02:03 +0100 (CET)', '2026-11-21T14:02:03Z'],
    ['21/Nov/2026:14:02:03 +0000', '2026-11-21T14:02:03Z'],
    ['November 21, 2026 14:02:03 UTC', '2026-11-21T14:02:03Z'],
    ['21.11.2026, 15:02:03 MEZ', '2026-11-21T14:02:03Z'],
    ['1795269723', '2026-11-21T14:02:03Z'],
    ['2026-11-21 15:02:03', '2026-11-21T14:02:03Z'],
    ['2026-07-21 16:02:03', '2026-07-21T14:02:03Z'],
    ['2026-11-21 15:02', '2026-11-21T14:02:30Z'],
  ])('%s is %s', (text, expected) => {
    expect(ask(viewOf([]), text, {}, berlin).asked[0]?.at).toBe(expected);
  });

  test('without a zone says whose it was taken to be, and means two in the hour that comes twice', () => {
    expect(ask(viewOf([]), '2026-11-21 15:02:03', {}, berlin).notes[0]).toContain('CET-1CEST');
    const twice = ask(viewOf([]), '2026-10-25 02:30:00', {}, berlin);
    expect(twice.asked.map((one) => one.at)).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  test.each([
    'yesterday',
    '2026-13-01 12:00',
    '2026-02-30 12:00',
    '2026-11-21',
    '25:00',
    '',
    '; ;',
    '2026-11-21T14:02:03Z; x',
  ])('"%s" is none', (text) => {
    expect(readAsked({ at: text }, utc)).toHaveProperty('fault');
  });

  test('a port that nobody watches, and a server that is no address, are refused', () => {
    expect(readAsked({ at: '2026-11-21T14:02:03Z', port: 80 }, utc)).toHaveProperty('fault');
    expect(readAsked({ at: '2026-11-21T14:02:03Z', to: 'mx.example.org' }, utc)).toHaveProperty('fault');
  });
});

describe('a zone', () => {
  const offsets = (text: string, ...times: number[]) => times.map((time) => parseZone(text)?.offsetAt(time));
  const changes = { spring: Date.UTC(2026, 2, 29, 1), autumn: Date.UTC(2026, 9, 25, 1) };

  test('of Europe changes when its clocks do', () => {
    const { spring, autumn } = changes;
    expect(offsets('CET-1CEST,M3.5.0,M10.5.0/3', spring - 1, spring, autumn - 1, autumn)).toEqual([
      60, 120, 120, 60,
    ]);
  });

  test('south of the equator, west of Greenwich, and with half hours', () => {
    const [january, july] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
    expect(offsets('AEST-10AEDT,M10.1.0,M4.1.0/3', january, july)).toEqual([660, 600]);
    expect(offsets('EST5EDT,M3.2.0,M11.1.0', january, july)).toEqual([-300, -240]);
    expect(offsets('<+0530>-5:30', january)).toEqual([330]);
    expect(offsets('UTC', january)).toEqual([0]);
    expect(offsets('GMT0', january)).toEqual([0]);
  });

  test.each(['Europe/Berlin', '', 'CET-1CEST,J60,J300', 'x'.repeat(5000)])('%# is none', (text) => {
    expect(parseZone(text)).toBeUndefined();
  });
});
