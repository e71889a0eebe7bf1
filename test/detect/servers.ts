import type { Chance } from './chance.ts';

/*
 * Addresses of mail servers, as far as it matters here: which of them lie near each other. Written down from what the
 * names resolve to in general, not from the provider table of the guard, which must not be asked what is right.
 */

/** Someone who receives mail for millions (exchangers) and sends it for their users (submission). */
export interface Provider {
  /** The first octets of the addresses: three, or two of a whole /16, or two and the range of the third (`64.233.160-191`). */
  readonly exchangers: readonly string[];
  readonly submission: readonly string[];
  /** The last octets in use, where they are few. */
  readonly hosts?: { readonly exchangers: readonly number[]; readonly submission: readonly number[] };
}

const googleBlocks = [
  '142.250',
  '142.251',
  '172.253',
  '74.125',
  '173.194',
  '64.233.160-191',
  '108.177.0-127',
  '209.85.128-255',
];

/** gmail-smtp-in and smtp.gmail.com: any front end of Google's networks, with the same last octets; an answer holds for minutes. */
export const google: Provider = {
  exchangers: googleBlocks,
  submission: googleBlocks,
  hosts: { exchangers: [26, 27], submission: [108, 109] },
};

/** *.mail.protection.outlook.com and *.olc.protection.outlook.com; smtp.office365.com and smtp-mail.outlook.com. */
export const microsoft: Provider = {
  exchangers: ['52.101', '52.102', '52.103', '104.47'],
  submission: ['52.96', '52.97', '52.98', '40.97', '40.101', '40.99'],
};

/** mta5 to mta7.am0.yahoodns.net, AOL's mail included. */
export const yahoo: Provider = {
  exchangers: ['67.195.204', '67.195.228', '98.136.96', '98.137.11'],
  submission: ['87.248.97', '188.125.72', '98.137.157', '74.6.143'],
};

/** mx01.mail.icloud.com and smtp.mail.me.com. */
export const apple: Provider = {
  exchangers: ['17.42.251', '17.57.154', '17.57.155', '17.57.156'],
  submission: ['17.42.251', '17.57.154', '17.57.155', '17.57.156'],
};

/** GMX, WEB.DE, mail.com and 1&1: mx00 and mx01; mail.gmx.net, smtp.ionos.com. */
export const ionos: Provider = {
  exchangers: ['212.227.15', '212.227.17', '217.72.192'],
  submission: ['212.227.15', '212.227.17', '213.165.67', '74.208.5'],
};

/** An address of the provider's, drawn anew as a resolver would. */
export function serverOf(
  chance: Chance,
  { exchangers, submission, hosts }: Provider,
  use: 'exchangers' | 'submission',
): string {
  const [a, b, third = '0-255'] = chance.pick(use === 'exchangers' ? exchangers : submission).split('.');
  const [from = 0, to = from] = third.split('-').map(Number);
  const last = hosts ? chance.pick(hosts[use]) : chance.whole(1, 254);
  return `${a}.${b}.${chance.whole(from, to)}.${last}`;
}

/** /16s in which many small mail servers are hosted, so that two strangers may be neighbours. */
const hosting = Array.from(
  { length: 40 },
  (_, index) => `${[23, 45, 51, 78, 88, 95, 116, 144, 159, 185][index % 10]}.${30 + 5 * index}`,
);

/**
 * The /16s around the other networks of those who have mailboxes for millions, by the registries (ARIN, RIPE NCC, APNIC): no
 * access provider has its relays there. Google, Microsoft, Yahoo, Yandex, Mail.ru.
 */
const ofMailboxes = [
  '64.233 66.102 66.249 72.14 108.177 172.217 192.178 192.179 209.85 216.58 216.239',
  '13.107 23.103 40.92 40.93 40.96 40.98 40.100 40.102 40.103 40.104 40.105 40.106 40.107',
  '52.99 52.100 65.54 65.55 132.245 150.171 157.55 157.56 207.46 213.199',
  '63.250 66.94 66.163 66.196 66.218 68.142 68.180 69.147 72.30 76.13 77.238 98.138 98.139 106.10',
  '124.108 206.190 209.191 212.82 216.39 216.155 217.146',
  '5.45 5.255 37.9 77.88 87.250 93.158 95.108 141.8 178.154 213.180 94.100 128.140 217.69',
].flatMap((networks) => networks.split(' '));

/** Networks in which no stranger's server can be: private ones, Apple's 17.0.0.0/8, and the /16s of providers of mailboxes. */
const taken = new Set([
  ...ofMailboxes,
  ...[google, microsoft, yahoo, apple, ionos]
    .flatMap(({ exchangers, submission }) => [...exchangers, ...submission])
    .map((start) => start.split('.').slice(0, 2).join('.')),
]);

function isTaken(a: number, b: number): boolean {
  const isPrivate = a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168);
  return isPrivate || a === 17 || taken.has(`${a}.${b}`);
}

/**
 * A mail server that is nobody's in particular. Three in ten lie in the 40 /16s of hosters, the others anywhere: the
 * 2,083 hosts of the Neris trace outside the great providers lie in about 1,430 /16s, and as many drawn here in about 1,490.
 */
export function stranger(chance: Chance): string {
  if (chance.is(0.3)) return `${chance.pick(hosting)}.${chance.whole(0, 255)}.${chance.whole(1, 254)}`;
  for (;;) {
    const [a, b] = [chance.whole(1, 223), chance.whole(0, 255)];
    if (!isTaken(a, b)) return `${a}.${b}.${chance.whole(0, 255)}.${chance.whole(1, 254)}`;
  }
}

/** Relays under one name: so many addresses, all in one /16 as those of most access providers, or in as many as asked. */
export function relayAddresses(chance: Chance, count: number, networks = 1): readonly string[] {
  const starts = Array.from({ length: networks }, () => stranger(chance).split('.').slice(0, 2).join('.'));
  return Array.from(
    { length: count },
    (_, index) => `${starts[index % networks]}.${chance.whole(0, 255)}.${chance.whole(1, 254)}`,
  );
}

/** 48 bits at the front of Google's addresses of submission over IPv6: smtp.gmail.com in Europe and in America. */
export const google6: readonly string[] = [
  '2a00:1450:4001',
  '2a00:1450:4010',
  '2607:f8b0:4004',
  '2607:f8b0:4023',
];

/** An IPv6 address under one of the prefixes, drawn anew. */
export function serverOf6(chance: Chance, prefixes: readonly string[]): string {
  return `${chance.pick(prefixes)}:c${chance.whole(0, 15).toString(16)}0${chance.whole(1, 9)}::6c`;
}

/** A mail server of nobody in particular over IPv6: its network is a /32 out of those of Europe's registry (2a01 to 2a0f), anywhere. */
export function stranger6(chance: Chance): string {
  const network = `2a0${chance.whole(2, 15).toString(16)}:${chance.whole(16, 65_535).toString(16)}`;
  return `${network}:${chance.whole(1, 65_535).toString(16)}::19`;
}
