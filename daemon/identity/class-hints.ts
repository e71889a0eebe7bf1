import type { DeviceClass } from '../config/config.ts';

/** A word that, found in a maker's or a host's name, tells what kind of thing it is. Lower case. */
export interface ClassHint {
  readonly word: string;
  readonly class: Extract<DeviceClass, 'iot' | 'appliance'>;
  /** What to call it: "camera". */
  readonly noun: string;
}

const hints = (kind: ClassHint['class'], noun: string, words: readonly string[]): ClassHint[] =>
  words.map((word) => ({ word, class: kind, noun }));

/** Makers of one kind of thing only: not Samsung, Apple or Google, who make phones as well. */
export const vendorHints: readonly ClassHint[] = [
  ...hints('iot', 'camera', [
    'reolink',
    'hikvision',
    'dahua',
    'amcrest',
    'foscam',
    'arlo',
    'wyze',
    'ezviz',
    'axis communications',
  ]),
  ...hints('iot', 'camera', [
    'vivotek',
    'uniview',
    'tiandy',
    'annke',
    'mobotix',
    'xiongmai',
    'lorex',
    'imou',
  ]),
  ...hints('iot', 'doorbell', ['ring', 'skybell', 'doorbird']),
  ...hints('iot', 'television', ['roku', 'vizio', 'hisense', 'tcl king', 'skyworth', 'vestel', 'tpv']),
  ...hints('iot', 'speaker', ['sonos', 'bose']),
  ...hints('iot', 'smart plug', [
    'tuya',
    'espressif',
    'shelly',
    'allterco',
    'itead',
    'sonoff',
    'meross',
    'lifx',
    'wemo',
    'belkin wemo',
  ]),
  ...hints('iot', 'bridge', [
    'signify',
    'philips lighting',
    'ikea',
    'aqara',
    'lumi united',
    'tado',
    'netatmo',
    'ecobee',
    'nest labs',
  ]),
  ...hints('iot', 'vacuum cleaner', ['irobot', 'roborock', 'ecovacs', 'dreame']),
  ...hints('iot', 'kitchen appliance', ['bsh hausgeräte', 'bsh hausgeraete', 'miele']),
  ...hints('appliance', 'printer', [
    'brother',
    'canon',
    'epson',
    'kyocera',
    'lexmark',
    'ricoh',
    'konica',
    'oki electric',
    'xerox',
  ]),
  ...hints('appliance', 'NAS', ['synology', 'qnap', 'asustor', 'terramaster', 'western digital', 'buffalo']),
];

/** Words of names that things give themselves. */
export const hostnameHints: readonly ClassHint[] = [
  ...hints('iot', 'camera', [
    'ipcam',
    'ipcamera',
    'ip-camera',
    'webcam',
    'camera',
    'cam',
    'reolink',
    'hikvision',
    'dahua',
    'nestcam',
  ]),
  ...hints('iot', 'doorbell', ['doorbell', 'ring']),
  ...hints('iot', 'television', [
    'tv',
    'appletv',
    'firetv',
    'roku',
    'chromecast',
    'bravia',
    'webos',
    'webostv',
    'viera',
  ]),
  ...hints('iot', 'speaker', ['sonos', 'echo', 'alexa', 'homepod']),
  ...hints('iot', 'smart plug', ['shelly', 'tasmota', 'esphome', 'esp', 'sonoff', 'tuya', 'wled', 'plug']),
  ...hints('iot', 'bridge', ['hue', 'tado', 'thermostat', 'ecobee']),
  ...hints('iot', 'vacuum cleaner', ['roomba', 'roborock', 'vacuum']),
  ...hints('appliance', 'printer', [
    'printer',
    'officejet',
    'laserjet',
    'envy',
    'brother',
    'epson',
    'canon',
    'kyocera',
    'lexmark',
  ]),
  ...hints('appliance', 'NAS', ['nas', 'diskstation', 'synology', 'qnap', 'truenas', 'mycloud']),
  ...hints('appliance', 'recorder', ['nvr', 'dvr']),
];
