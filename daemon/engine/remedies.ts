import type { DeviceClass } from '../config/config.ts';

/** What a person may do about a device, one sentence each. The only place for such words; a translation starts here. */
const advice = {
  restart: 'Switch it off and on again: much of what spams lives in memory only.',
  update: 'Update its firmware or software.',
  password: 'Change its password, above all if it is the one it came with.',
  forwards: 'Close port forwards to it and switch off UPnP: that is how most things are taken over.',
  reset: 'Reset it to factory settings, and set a password of your own before it is online again.',
  apps: 'Remove apps that did not come from its own store, and free VPN or proxy apps.',
  scan: 'Scan it for malware, with the tools of its system or another one.',
  mail: 'Change the passwords of the mail accounts it uses.',
  account:
    'If it should mail: allow it its mail server (on the page of Postern or by "postern allow"), and name its class.',
  server:
    'If it is a mail server of yours, say so in the configuration; else look for open relays and stolen logins.',
  maker: 'If it begins again, ask its maker; if there are no updates any more, replace it.',
} as const;

type Advice = keyof typeof advice;

/** All of them, to be translated. */
export const allAdvice = (): string[] => Object.values(advice);

const things: readonly Advice[] = ['restart', 'update', 'password', 'forwards', 'reset', 'maker'];
const byNoun: Readonly<Record<string, readonly Advice[]>> = {
  television: ['restart', 'apps', 'update', 'reset', 'maker'],
  NAS: ['update', 'password', 'forwards', 'scan', 'account', 'maker'],
  printer: ['account', ...things],
};
const byClass: Readonly<Record<DeviceClass, readonly Advice[]>> = {
  iot: things,
  appliance: ['account', ...things],
  computer: ['scan', 'update', 'apps', 'mail', 'account'],
  unknown: ['restart', 'update', 'apps', 'scan', 'password', 'forwards', 'account', 'maker'],
  mailserver: ['server', 'update', 'password', 'mail'],
};

/**
 * What to do now about a device that sends spam, the likeliest first. `noun` is one of ours: "camera". What is said of
 * the doors that were found comes first, since whatever they lead to is taken over again; a declared mail server has to be reached.
 */
export function remediesFor(kind: DeviceClass, noun: string, door?: string): string[] {
  const all = byNoun[noun] ?? byClass[kind];
  if (door === undefined || kind === 'mailserver') return all.map((which) => advice[which]);
  return [door, ...all.filter((which) => which !== 'forwards').map((which) => advice[which])];
}
