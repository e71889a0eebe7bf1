import type { DeviceKey } from '../address/device-key.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { History } from './history.ts';
import type { Opened } from './opened.ts';
import { minuteOf } from './timeline.ts';

const minuteMs = 60_000;
const weekMinutes = 7 * 1440;

/** What the report is made of. */
export interface ReportView {
  readonly history: History;
  readonly nowMs: number;
  /** Devices at home that the router knows of. */
  readonly devices: number;
  readonly incidents: Iterable<Opened>;
  /** What blocklists say of the home's address now; absent where the owner named none. */
  readonly address?: AddressState | undefined;
}

/** `unknown`: not all lists could be asked. `shared`: it is not the home's own, and not asked about. */
export type AddressState = 'clear' | 'listed' | 'unknown' | 'shared';

/** The facts of the last seven days, or of as many as there are. */
export interface ReportDocument {
  readonly schema: 1;
  readonly from: string;
  readonly to: string;
  readonly devices: number;
  readonly mailing: number;
  /** Devices of which mail went through, and that had no incident. */
  readonly known_mailers: number;
  readonly connections: number;
  /** Of those, by known mailers. */
  readonly connections_known: number;
  readonly messages: number;
  readonly refused: number;
  /** Devices with an incident that began in these days. */
  readonly suspicious: number;
  readonly incidents: number;
  readonly up_s: number;
  readonly gaps: number;
  readonly gap_s: number;
  readonly address?: AddressState;
  /** All of it in a sentence. */
  readonly text: string;
}

/** The report of the week that ends now. Rows that were condensed over its beginning count as a whole. */
export function weekOf({ history, nowMs, devices, incidents, address }: ReportView): ReportDocument {
  const to = minuteOf(nowMs) + 1;
  const { runs } = history.timeline;
  const from = Math.max(to - weekMinutes, Math.min(to - 1, runs[0]?.from ?? to - 1));
  const isOfWeek = (minute: number) => minute >= from && minute < to;
  const opened = [...incidents].filter(({ openedWallMs }) => isOfWeek(minuteOf(openedWallMs)));
  const suspects = new Set<DeviceKey>(opened.map(({ key }) => key));
  const sum = { connections: 0, connectionsKnown: 0, messages: 0, refused: 0, mailing: 0, known: 0 };
  for (const device of history.devices.values()) {
    const rows = history.rowsNear(device, from, to).filter(({ minute }) => isOfWeek(minute));
    if (rows.length === 0) continue;
    const of = (name: 'connections' | 'messages' | 'refused') =>
      rows.reduce((all, row) => all + row[name], 0);
    const isKnown = of('messages') > 0 && !suspects.has(device.key);
    sum.mailing++;
    sum.connections += of('connections');
    sum.messages += of('messages');
    sum.refused += of('refused');
    if (isKnown) sum.known++;
    if (isKnown) sum.connectionsKnown += of('connections');
  }
  const within = runs.flatMap((run) =>
    run.to > from ? [{ from: Math.max(run.from, from), to: run.to }] : [],
  );
  const up = within.reduce((all, run) => all + run.to - run.from, 0);
  const gaps = within.slice(1).filter((run, index) => run.from > (within[index]?.to ?? 0)).length;
  const facts = {
    ...{ devices, mailing: sum.mailing, known_mailers: sum.known },
    ...{ connections: sum.connections, connections_known: sum.connectionsKnown, messages: sum.messages },
    ...{ refused: sum.refused, suspicious: suspects.size, incidents: opened.length },
    ...{ up_s: up * 60, gaps, gap_s: Math.max(0, to - from - up) * 60 },
    ...(address !== undefined && { address }),
  };
  return {
    schema: 1,
    from: isoTime(from * minuteMs),
    to: isoTime(to * minuteMs),
    ...facts,
    text: sentenceOf(facts),
  };
}

function sentenceOf(facts: Omit<ReportDocument, 'schema' | 'from' | 'to' | 'text'>): string {
  const {
    devices,
    connections,
    connections_known: known,
    known_mailers: mailers,
    suspicious,
    up_s: up,
    gaps,
  } = facts;
  const others = connections - known;
  const more = others > 0 ? `, ${many(others, 'other', 'others')}` : '';
  const refused = facts.refused > 0 ? `, ${facts.refused} attempts refused` : '';
  const days =
    up >= 172_800
      ? many(Math.round(up / 86_400), 'day', 'days')
      : many(Math.round(up / 3600), 'hour', 'hours');
  return (
    `The week: ${many(devices, 'device', 'devices')} watched, ` +
    `${many(known, 'mail connection', 'mail connections')} by ${many(mailers, 'known mailer', 'known mailers')}${more}, ` +
    `${suspicious} suspicious${refused}; the guard was up ${days}, ${many(gaps, 'gap', 'gaps')}${facts.address === undefined ? '' : `; ${addressWords[facts.address]}`}.`
  );
}

const addressWords: Readonly<Record<AddressState, string>> = {
  clear: 'address on no list',
  listed: 'the address is listed',
  unknown: 'not all blocklists could be asked',
  shared: 'the address is shared with others',
};

const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
