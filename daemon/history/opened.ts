import { type DeviceKey, parseDeviceKey } from '../address/device-key.ts';
import type { Incident } from '../policy/incident.ts';

/** That an incident began: what the report counts. */
export type Opened = Pick<Incident, 'key' | 'openedWallMs'>;

/** Incidents that are remembered; the one that was noted first goes. */
export const maxOpened = 512;

/** When incidents began, longer than their stories are kept: of those that are closed a restart leaves few. */
export class OpenedIncidents {
  /** By device and second, oldest note first. Bound: {@link maxOpened}. */
  readonly #opened = new Map<string, Opened>();

  /** Notes those that are not known yet. */
  take(incidents: Iterable<Opened>): void {
    // The file has whole seconds.
    for (const { key, openedWallMs } of incidents) {
      const second = Math.floor(openedWallMs / 1000);
      this.#note({ key, openedWallMs: second * 1000 });
    }
  }

  /** Those that began earlier are no part of any week to come. */
  forget(beforeMs: number): void {
    for (const [id, { openedWallMs }] of this.#opened) if (openedWallMs < beforeMs) this.#opened.delete(id);
  }

  all(): Iterable<Opened> {
    return this.#opened.values();
  }

  /** Keys and seconds since 1970: what a file keeps. */
  rows(): readonly (readonly [string, number])[] {
    return [...this.#opened.values()].map(({ key, openedWallMs }) => [key, openedWallMs / 1000]);
  }

  /** Takes up what an earlier run kept. Leaves out what is none. */
  restore(rows: readonly unknown[]): void {
    for (const row of rows.slice(-maxOpened)) {
      const [text, second] = Array.isArray(row) ? (row as unknown[]) : [];
      const key: DeviceKey | undefined = typeof text === 'string' ? parseDeviceKey(text) : undefined;
      if (key !== undefined && Number.isSafeInteger(second))
        this.#note({ key, openedWallMs: Number(second) * 1000 });
    }
  }

  #note(opened: Opened): void {
    const id = `${opened.key} ${opened.openedWallMs}`;
    if (this.#opened.has(id)) return;
    this.#opened.set(id, opened);
    const [first] = this.#opened.keys();
    if (this.#opened.size > maxOpened && first !== undefined) this.#opened.delete(first);
  }
}
