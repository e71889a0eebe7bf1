import { expect, test } from 'vitest';
import { parseMac } from '../../daemon/address/mac.ts';
import { displayName, namesakes } from '../../daemon/identity/name.ts';

const mac = parseMac('ec:71:db:00:11:22');
const all = {
  user: 'Garden',
  lease: 'cam',
  hostname: 'garden-cam',
  vendor: 'Reolink',
  mac,
  randomised: false,
};

test.each([
  ['Garden', all],
  ['cam', { ...all, user: undefined }],
  ['garden-cam (Reolink, 00:11:22)', { ...all, user: undefined, lease: undefined }],
  ['garden-cam (00:11:22)', { hostname: 'garden-cam', mac, randomised: false }],
  ['phone (random MAC, 00:11:22)', { hostname: 'phone', vendor: 'Reolink', mac, randomised: true }],
  ['Reolink 00:11:22', { vendor: 'Reolink', mac, randomised: false }],
  ['device with a random MAC 00:11:22', { mac, randomised: true }],
  ['device 00:11:22', { mac, randomised: false }],
  ['10.8.0.2', { randomised: false, address: '10.8.0.2' }],
  ['peer (10.8.0.2)', { hostname: 'peer', randomised: false, address: '10.8.0.2' }],
])('%s', (shown, names) => {
  expect(displayName(names)).toBe(shown);
});

test('two devices of one name are counted, whatever the case', () => {
  const devices = [{ hostname: 'TV' }, { hostname: 'tv' }, { hostname: undefined }, { hostname: 'tv2' }];
  expect(namesakes(devices, 'Tv')).toBe(2);
});
