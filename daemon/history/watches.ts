import { type DeviceKey, parseDeviceKey } from '../address/device-key.ts';
import { isoTime } from '../engine/iso-time.ts';
import { spokenDuration } from '../engine/words.ts';
import type { Seen } from './seen.ts';
import type { Instant, Run } from './timeline.ts';

/** Devices that are looked at closely at once; the one that ends first makes room. */
export const maxWatches = 64;
const minuteMs = 60_000;
/** What comes so soon was on its way when the watch began. */
const graceMs = 10_000;
/** A gap shorter than this is a restart. */
const gapMinutes = 3;

/** A device that was repaired, looked at until a stated end. Times are monotonic. */
interface Watch {
  readonly key: DeviceKey;
  readonly sinceMs: number;
  untilMs: number;
  connections: number;
}

/** What came of a watch, for people: the rest of a sentence that begins with the device's name. */
export interface WatchEvent {
  readonly key: DeviceKey;
  readonly event: 'watching' | 'clean' | 'tried_again';
  readonly text: string;
}

/** The check after a repair: whether a device stays clean until its watch ends. */
export class Watches {
  /** Bound: {@link maxWatches}. */
  readonly #watches = new Map<DeviceKey, Watch>();

  /** Begins a watch, or moves its end further away. */
  begin(key: DeviceKey, durationMs: number, at: Instant): WatchEvent {
    const untilMs = at.nowMs + durationMs;
    const going = this.#watches.get(key);
    if (going) going.untilMs = Math.max(going.untilMs, untilMs);
    else this.#watches.set(key, { key, sinceMs: at.nowMs, untilMs, connections: 0 });
    if (this.#watches.size > maxWatches) {
      const first = [...this.#watches.values()].reduce((a, b) => (b.untilMs < a.untilMs ? b : a));
      this.#watches.delete(first.key);
    }
    const end = isoTime(at.wallMs + (going?.untilMs ?? untilMs) - at.nowMs)
      .replace('T', ' ')
      .replace('Z', ' UTC');
    return { key, event: 'watching', text: `is watched closely until ${end}.` };
  }

  /** Takes in what was seen of any device. What speaks for a bot ends its watch. */
  note({ key, address, port, connections = 0, refused = 0, odd }: Seen, at: Instant): WatchEvent | undefined {
    const watch = this.#watches.get(key);
    if (!watch) return undefined;
    watch.connections += connections;
    if ((odd !== true && refused === 0) || at.nowMs - watch.sinceMs < graceMs) return undefined;
    this.#watches.delete(key);
    const after = spokenDuration(at.nowMs - watch.sinceMs);
    const what =
      refused > 0
        ? 'and was refused. It is not clean yet.'
        : 'a mail server that it never used before. Unless you did that, it is not clean yet.';
    return {
      key,
      event: 'tried_again',
      text: `tried again, ${after} after its repair: ${address}, port ${port}, ${what}`,
    };
  }

  /** The watches that end now. */
  tick(at: Instant, runs: readonly Run[]): WatchEvent[] {
    const over = [...this.#watches.values()].filter(({ untilMs }) => at.nowMs >= untilMs);
    return over.map(({ key, sinceMs, connections }) => {
      this.#watches.delete(key);
      const span = spokenDuration(at.nowMs - sinceMs);
      const blind = blindMinutes(runs, (at.wallMs - at.nowMs + sinceMs) / minuteMs);
      const mail = connections === 0 ? 'It sent no mail.' : `${connections} mail connections, all as usual.`;
      const gap = blind > 0 ? ` Postern did not look for ${spokenDuration(blind * minuteMs)} of it.` : '';
      return { key, event: 'clean', text: `tried nothing suspicious for ${span}. ${mail}${gap}` };
    });
  }

  /** Keys, seconds since the beginning and until the end, connections: what a file keeps. */
  rows(nowMs: number): readonly (readonly [string, number, number, number])[] {
    const seconds = (ms: number) => Math.round(ms / 1000);
    return [...this.#watches.values()].map(({ key, sinceMs, untilMs, connections }) => [
      key,
      seconds(nowMs - sinceMs),
      seconds(untilMs - nowMs),
      connections,
    ]);
  }

  /** Goes on with watches of an earlier run that ended `awayMs` ago. Leaves out what is none. */
  restore(rows: readonly unknown[], at: Instant, awayMs: number): void {
    for (const row of rows.slice(0, maxWatches)) {
      const [text, sinceS, leftS, connections] = Array.isArray(row) ? (row as unknown[]) : [];
      const key = typeof text === 'string' ? parseDeviceKey(text) : undefined;
      if (key === undefined || ![sinceS, leftS, connections].every(Number.isFinite)) continue;
      this.#watches.set(key, {
        key,
        sinceMs: at.nowMs - awayMs - Number(sinceS) * 1000,
        untilMs: at.nowMs - awayMs + Number(leftS) * 1000,
        connections: Number(connections),
      });
    }
  }
}

/** Minutes since then that lie between runs. */
function blindMinutes(runs: readonly Run[], sinceMinute: number): number {
  let blind = 0;
  for (const [index, { to }] of runs.entries()) {
    const next = runs[index + 1];
    if (next && next.from > sinceMinute) blind += Math.max(0, next.from - Math.max(to, sinceMinute));
  }
  return blind < gapMinutes ? 0 : Math.round(blind);
}
