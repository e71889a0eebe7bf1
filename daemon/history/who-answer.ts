import type { DeviceKey } from '../address/device-key.ts';
import { isoTime } from '../engine/iso-time.ts';
import { endOf } from './device-rows.ts';
import { type History, keptDays, strangersKey } from './history.ts';
import { type Asked, type Confidence, type Found, farMs, search } from './search.ts';
import { spokenAddress } from './short-address.ts';
import { localTime, type Zone } from './zone.ts';

const minuteMs = 60_000;
/** Devices of an answer, and servers and groups of a device: with them an answer stays far below 64 KB. */
const mostDevices = 16;
const mostPlaces = 16;

/** Who a device is, as far as the daemon knows now. */
export interface Described {
  readonly name?: string;
  readonly maker?: string;
  readonly class: string;
}

/** What an answer needs beside the history. */
export interface WhoView {
  readonly history: History;
  readonly zone: Zone;
  describe(key: DeviceKey): Described;
  /** The group of a server. */
  groupOf(address: string): string;
}

/** What was asked for, as it was understood. */
export interface AskedDocument {
  readonly at: string;
  readonly local: string;
  readonly uncertainty_s: number;
  readonly port?: number;
  readonly to?: string;
}

/** One device that fits. Counts are of the rows that fit, `first` and `last` their span. */
export interface WhoDevice {
  /** Its key; empty for those that were too many to be told apart. */
  readonly device: string;
  readonly name: string;
  readonly maker?: string;
  readonly class: string;
  readonly confidence: Confidence;
  /** The time that it fits, of those asked. */
  readonly at: string;
  readonly first: string;
  readonly last: string;
  /** How far `first` and `last` may be off. */
  readonly precision_s: number;
  readonly connections: number;
  readonly delivered: number;
  readonly messages: number;
  readonly refused: number;
  readonly ports: readonly number[];
  readonly groups: readonly string[];
  readonly servers: readonly string[];
}

/** The answer to `who` with a time. */
export interface WhoDocument {
  readonly schema: 1;
  readonly asked: readonly AskedDocument[];
  /** Best first; a device that fits several times is there once. */
  readonly answers: readonly WhoDevice[];
  /** What a person has to know of it, one sentence each. */
  readonly notes: readonly string[];
}

/** Looks for the devices, and says honestly what is not known. */
export function answerWho(view: WhoView, asked: readonly Asked[], notes: readonly string[]): WhoDocument {
  const fitting = bestOf(view, asked);
  // A server that a notice names may be another machine's name for it: others are told, but not believed.
  // Rows that many servers share fit any, and say nothing of one.
  const isSeen = fitting.some(({ servers }) => servers.length > 0);
  const others = isSeen ? [] : bestOf(view, asked.flatMap(withoutServer));
  const answers =
    others.length === 0 ? fitting : others.map((one) => ({ ...one, confidence: 'low' as const }));
  return {
    schema: 1,
    asked: asked.map((one) => askedDocument(one, view.zone)),
    answers: answers.slice(0, mostDevices),
    notes: [
      ...notes,
      ...(others.length > 0 ? ['Nothing was seen to that mail server; these mailed to others then.'] : []),
      ...new Set(asked.flatMap((one) => limitsOf(view, one))),
      ...words(answers),
    ],
  };
}

/** Devices that fit any of the times, each by the one that it fits best; the best first. */
function bestOf(view: WhoView, asked: readonly Asked[]): WhoDevice[] {
  const best = new Map<DeviceKey, WhoDevice>();
  for (const one of asked)
    for (const found of search(view.history, one)) {
      const before = best.get(found.key);
      const device = deviceOf(view, found, one);
      if (!before || rank[device.confidence] < rank[before.confidence]) best.set(found.key, device);
    }
  return [...best.values()].sort((a, b) => rank[a.confidence] - rank[b.confidence]);
}

const withoutServer = ({ to, ...asked }: Asked): Asked[] => (to ? [asked] : []);

const rank: Readonly<Record<Confidence, number>> = { high: 0, medium: 1, low: 2 };

function askedDocument({ atMs, uncertaintyMs, port, to }: Asked, zone: Zone): AskedDocument {
  return {
    at: isoTime(atMs),
    local: localTime(atMs, zone),
    uncertainty_s: Math.round(uncertaintyMs / 1000),
    ...(port !== undefined && { port }),
    ...(to && { to: spokenAddress(to) }),
  };
}

function deviceOf(view: WhoView, { key, name, confidence, rows }: Found, asked: Asked): WhoDevice {
  const sum = (of: 'connections' | 'delivered' | 'messages' | 'refused') =>
    rows.reduce((total, row) => total + row[of], 0);
  const who =
    key === strangersKey
      ? { name: 'devices that were too many to be told apart', class: 'unknown' }
      : view.describe(key);
  const servers = [...new Set(rows.flatMap(({ address }) => (address ? [spokenAddress(address)] : [])))];
  const groups = [...new Set(servers.map((address) => view.groupOf(address.replace('/64', ''))))];
  return {
    device: key,
    name: who.name ?? (name || key),
    ...('maker' in who && who.maker !== undefined && { maker: who.maker }),
    class: who.class,
    confidence,
    at: isoTime(asked.atMs),
    first: isoTime((rows[0]?.minute ?? 0) * minuteMs),
    last: isoTime(Math.max(...rows.map(endOf)) * minuteMs),
    precision_s: Math.max(...rows.map((row) => (endOf(row) - row.minute) * 60)),
    connections: sum('connections'),
    delivered: sum('delivered'),
    messages: sum('messages'),
    refused: sum('refused'),
    ports: [...new Set(rows.map(({ port }) => port))].sort((a, b) => a - b),
    groups: groups.slice(0, mostPlaces),
    servers: servers.slice(0, mostPlaces),
  };
}

/** What the history cannot know around that time. */
function limitsOf({ history, zone }: WhoView, { atMs, uncertaintyMs }: Asked): string[] {
  const { timeline } = history;
  const said = (ms: number) => `${isoTime(ms)} (${localTime(ms, zone)})`;
  if (!timeline.isSet) return ['The clock of this router is not set: nothing that it sees now has a time.'];
  const nowMs = timeline.minute * minuteMs;
  if (atMs > nowMs + 2 * minuteMs) return [`${said(atMs)} has not come yet.`];
  const notes: string[] = [];
  const { runs } = timeline;
  const startMs = Math.max((runs[0]?.from ?? 0) * minuteMs, nowMs - keptDays * 86_400_000);
  if (atMs < startMs + uncertaintyMs) notes.push(`The history starts at ${said(startMs)}.`);
  for (const [index, run] of runs.entries()) {
    const next = runs[index + 1];
    const [fromMs, toMs] = [run.to * minuteMs, (next?.from ?? 0) * minuteMs];
    if (next && fromMs < atMs + farMs && toMs > atMs - farMs)
      notes.push(
        `Nothing is known from ${said(fromMs)} to ${said(toMs)}: Postern did not run, or what it saw was not saved.`,
      );
  }
  for (const { at, by } of timeline.jumps)
    if (Math.abs(at * minuteMs - atMs) < farMs + Math.abs(by) * minuteMs)
      notes.push(
        `The clock of this router was moved by ${by} minutes at ${said(at * minuteMs)}: times around it may be off by as much.`,
      );
  const gone = [...history.devices.values()].filter(
    (device) => device.gone > 0 && atMs < device.goneTo * minuteMs,
  );
  if (gone.length > 0)
    notes.push(
      `Of ${gone.length} devices with very many connections the oldest counts were dropped; they may be missing.`,
    );
  if (history.unplaced > 0)
    notes.push(`${history.unplaced} connections were seen while the clock was not set; nobody knows when.`);
  return notes;
}

function words(answers: readonly WhoDevice[]): string[] {
  if (answers.length === 0) return ['Nothing was seen: no device had such a mail connection then.'];
  const notes: string[] = [];
  if (answers.some(({ precision_s: precision }) => precision > 60))
    notes.push('Counts were condensed: some times are only known to the hour or the day.');
  if (answers.some(({ device }) => device === 'router'))
    notes.push('This router itself is among them: what runs on it sent mail.');
  return notes;
}
