import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestMs, parseLasting, parseRelay } from '../../daemon/control/arguments.ts';
import { argumentFault, verbArguments } from '../../daemon/control/verb-arguments.ts';

describe('parseLasting', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['365d', longestMs],
    ['reboot', 'reboot'],
  ])('reads %s', (text, lasting) => {
    expect(parseLasting(text)).toBe(lasting);
  });

  it.each([
    '',
    '0m',
    '-1h',
    '1',
    'h',
    '1 h',
    '1.5h',
    '1w',
    '366d',
    '99999999d',
    '10M',
    '1h\n',
    'Reboot',
    '١h',
  ])('refuses %j', (text) => {
    expect(parseLasting(text)).toBeUndefined();
  });

  it('gives a time between a second and a year, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,9}[smhd]$/)), (text) => {
        const lasting = parseLasting(text);
        if (typeof lasting !== 'number') return;
        expect(lasting).toBeGreaterThanOrEqual(1000);
        expect(lasting).toBeLessThanOrEqual(longestMs);
      }),
    );
  });
});

describe('parseRelay', () => {
  it('takes what the configuration takes', () => {
    expect(parseRelay('smtp.example.org:587')).toEqual({ host: 'smtp.example.org', port: 587 });
    expect(parseRelay('[2001:db8::]:25')?.prefix?.length).toBe(128);
    expect(parseRelay('192.0.2.7:80')).toBeUndefined();
  });
});

describe('argumentFault', () => {
  it('finds what is missing, strange or of the wrong type', () => {
    expect(argumentFault('block', { device: 'x', for: '1h' })).toBeUndefined();
    expect(argumentFault('block', {})).toContain('needs the argument "device"');
    expect(argumentFault('block', { device: 1 })).toContain('must be a string');
    expect(argumentFault('block', { device: 'x', why: true })).toContain('no argument "why"');
    expect(argumentFault('devices', { limit: 3, after: 'x' })).toBeUndefined();
  });

  it('knows no argument that is not a type of the protocol', () => {
    for (const types of Object.values(verbArguments)) {
      for (const type of Object.values(types)) expect(type).toMatch(/^(?:string|number|boolean)\??$/);
    }
  });
});
