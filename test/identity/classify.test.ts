import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostnameHints, vendorHints } from '../../daemon/identity/class-hints.ts';
import { classify } from '../../daemon/identity/classify.ts';

test.each([
  [{ user: 'computer', network: 'iot', vendor: 'Reolink Innovation' }, 'computer', 'user', 'camera'],
  [{ network: 'iot', vendor: 'Brother Industries' }, 'iot', 'network', 'printer'],
  [{ vendor: 'Reolink Innovation' }, 'iot', 'guess', 'camera'],
  [{ vendor: 'Hangzhou Hikvision Digital' }, 'iot', 'guess', 'camera'],
  [{ vendor: 'Zhejiang Dahua Technology' }, 'iot', 'guess', 'camera'],
  [{ vendor: 'Ring' }, 'iot', 'guess', 'doorbell'],
  [{ vendor: 'Synology', hostname: 'laptop' }, 'appliance', 'guess', 'NAS'],
  [{ vendor: 'Apple', hostname: 'garden-cam2' }, 'iot', 'guess', 'camera'],
  [{ hostname: 'HP-LaserJet' }, 'appliance', 'guess', 'printer'],
  [{ hostname: 'camille-laptop' }, 'unknown', 'none', 'device'],
  [{ hostname: 'boring', vendor: 'Stringer' }, 'unknown', 'none', 'device'],
  [{}, 'unknown', 'none', 'device'],
] as const)('%j is %s', (sources, deviceClass, source, noun) => {
  expect(classify(sources)).toMatchObject({ class: deviceClass, source, noun });
});

test('a guess says what it is from', () => {
  expect(classify({ vendor: 'Reolink Innovation', hostname: 'tv' }).reason).toBe(
    'camera: vendor Reolink Innovation',
  );
  expect(classify({ hostname: 'garden-cam2' }).reason).toBe('camera: name garden-cam2');
});

test('no name that a device or a maker has can make it a computer or a mail server', () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(...hostnameHints.map(({ word }) => word), 'computer', 'mailserver'),
  );
  fc.assert(
    fc.property(name, name, (hostname, vendor) => {
      expect(['iot', 'appliance', 'unknown']).toContain(classify({ hostname, vendor }).class);
    }),
  );
});

test('every hint is found by its own word', () => {
  for (const { word, class: deviceClass } of vendorHints)
    expect(classify({ vendor: word }).class).toBe(deviceClass);
  for (const { word } of hostnameHints) expect(classify({ hostname: `x-${word}` }).source).toBe('guess');
});
