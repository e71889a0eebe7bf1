import type { Omission } from './checked.ts';
import type { DesiredRuleset } from './desired.ts';
import {
  type Difference,
  elementDrift,
  type Fingerprint,
  fingerprint,
  listedPrefixes,
  prefixDrift,
  structureDrift,
} from './drift.ts';
import type { ListedObject } from './listing.ts';
import { type NftPort, type NftResult, reasonOf } from './nft-port.ts';
import { type Applied, plan } from './plan.ts';
import { type Adoption, adoptedFrom, appliedFrom, listedContents } from './read-back.ts';
import { type FullReading, type ReadingKind, readingFrom } from './readings.ts';
import { addTable, batch, deleteTable } from './render-json.ts';
import { isDynamicSet } from './sets.ts';
import { TableReader } from './table-reader.ts';

/** How an application of a desired ruleset ended. `ms` is from its start to the end of the last transaction. */
export type ApplyResult =
  | {
      readonly ok: true;
      readonly ms: number;
      /** False where nothing differed and nft was not run. */
      readonly isChanged: boolean;
      readonly isStructural: boolean;
      /** Transactions needed: 1, or more where the kernel held something else than believed. */
      readonly attempts: number;
      readonly omitted: readonly Omission[];
    }
  | { readonly ok: false; readonly ms: number; readonly error: string };

/** What the kernel is believed to hold; `applied` undefined: no table of this layout. */
type Belief = { readonly applied: Applied | undefined } | 'unknown';

/**
 * Keeps `table inet postern` as desired, and touches no other. Transactions run one at a time, the first at once; of
 * rulesets that arrive while one is on its way only the newest is applied, and all callers get its result.
 */
export class Enforcer {
  readonly #nft: NftPort;
  readonly #clock: () => number;
  readonly #reader: TableReader;
  #belief: Belief = 'unknown';
  #fingerprint: Fingerprint | undefined;
  /** The providers' prefixes as the first look since they were written found them. */
  #prefixes: ReadonlyMap<string, string> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  /** Works that have not ended. */
  #works = 0;
  #waiting: { desired: DesiredRuleset; nowMs: number; result: Promise<ApplyResult> } | undefined;
  /** Beginnings and ends of transactions: a check that one overtakes says nothing. */
  #transactions = 0;

  /** `clock` in milliseconds, for durations only. */
  constructor(nft: NftPort, clock: () => number) {
    this.#nft = nft;
    this.#clock = clock;
    this.#reader = new TableReader(nft, clock);
  }

  /** Makes the table as desired with the least change. `nowMs` is on the clock that the ends of bans are on. */
  apply(desired: DesiredRuleset, nowMs: number): Promise<ApplyResult> {
    if (this.#waiting) {
      Object.assign(this.#waiting, { desired, nowMs });
      return this.#waiting.result;
    }
    const waiting = { desired, nowMs };
    let hasBegun = false;
    const result = this.#enqueue(() => {
      hasBegun = true;
      this.#waiting = undefined;
      return this.#transact(waiting.desired, waiting.nowMs);
    });
    if (!hasBegun) this.#waiting = Object.assign(waiting, { result });
    return result;
  }

  /** Reads back what an existing table holds and counted, for a daemon that starts; undefined where nft fails. */
  adopt(nowMs: number): Promise<Adoption | undefined> {
    return this.#enqueue(async () => {
      const objects = await this.#learn(nowMs);
      if (!objects) return undefined;
      const held = objects.some(({ kind }) => kind === 'table')
        ? adoptedFrom(listedContents(objects, nowMs))
        : undefined;
      return { held, ledger: readingFrom(objects, ['ledger']).ledger ?? [] };
    });
  }

  /**
   * Compares the table with the last transaction. Undefined where nothing can be said: no transaction yet, one came in
   * between, or nft failed. After a difference the next `apply` repairs it.
   */
  async checkDrift(nowMs: number): Promise<readonly Difference[] | undefined> {
    const belief = this.#belief;
    const then = this.#fingerprint;
    if (belief === 'unknown' || !belief.applied || !then) return undefined;
    const started = this.#transactions;
    const { contents, sets } = belief.applied;
    const filled = [...sets].filter((name) => !isDynamicSet(name) && !name.startsWith('provider_'));
    const seen = await this.#reader.look(contents, filled);
    if (!seen || this.#transactions !== started) return undefined;
    if (seen === 'as-before') return [];
    let differences = structureDrift(then, fingerprint(seen.table));
    if (differences.length === 0) {
      // Only a listing of all has them: they are too many to be listed set by set.
      const prefixes = seen.table === seen.elements ? listedPrefixes(seen.table) : undefined;
      this.#prefixes ??= prefixes;
      differences = [
        ...(this.#prefixes && prefixes ? prefixDrift(this.#prefixes, prefixes) : []),
        ...elementDrift(contents, listedContents(seen.elements, nowMs), seen.sets, nowMs),
      ];
      if (differences.length === 0) {
        this.#reader.noteClean();
        return [];
      }
    }
    return this.#enqueue(async () => {
      if (this.#transactions !== started) return undefined;
      const objects = await this.#learn(nowMs);
      if (!objects) return undefined;
      const elements = elementDrift(contents, listedContents(objects, nowMs), filled, nowMs);
      const isMissing = differences.some(({ what }) => what === 'table-missing');
      return isMissing
        ? differences
        : [...differences.filter(({ what }) => !what.startsWith('element')), ...elements];
    });
  }

  /** Reads counters, see {@link TableReader.read}: what is there now, or what a check found at most `maxAgeMs` ago. */
  read(
    which: readonly ReadingKind[],
    networks: readonly string[],
    maxAgeMs = 0,
  ): Promise<FullReading | undefined> {
    return this.#reader.read(which, networks, maxAgeMs);
  }

  /** Removes our table and nothing else. */
  remove(): Promise<ApplyResult> {
    return this.#enqueue(async () => {
      const start = this.#clock();
      const result = await this.#run([addTable, deleteTable]);
      const ms = this.#clock() - start;
      if (result.code !== 0) return { ok: false, ms, error: reasonOf(result) };
      this.#belief = { applied: undefined };
      this.#fingerprint = undefined;
      return { ok: true, ms, isChanged: true, isStructural: true, attempts: 1, omitted: [] };
    });
  }

  /** One work after the other. Where none is on its way it begins in this very call: a ban has no time to wait. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#works === 0 ? work() : this.#tail.then(work);
    this.#works++;
    const end = () => void this.#works--;
    this.#tail = run.then(end, end);
    return run;
  }

  /** From what is believed; if that fails, from what is really there; if that fails too, from nothing. */
  async #transact(desired: DesiredRuleset, nowMs: number): Promise<ApplyResult> {
    const start = this.#clock();
    let error = '';
    this.#reader.expectChange();
    for (const [index, from] of (['belief', 'listing', 'nothing'] as const).entries()) {
      if (from === 'listing' || this.#belief === 'unknown') await this.#learn(nowMs);
      const belief = this.#belief;
      const applied = from === 'nothing' || belief === 'unknown' ? undefined : belief.applied;
      const { commands, next, isStructural, omitted } = plan(applied, desired, nowMs);
      const isChanged = commands.length > 0;
      const result = isChanged ? await this.#run(commands) : undefined;
      const ms = this.#clock() - start;
      if (!result || result.code === 0) {
        this.#belief = { applied: next };
        if (isStructural) {
          this.#prefixes = undefined;
          await this.#takeFingerprint();
        }
        return { ok: true, ms, isChanged, isStructural, attempts: index + 1, omitted };
      }
      error = reasonOf(result);
      this.#belief = 'unknown';
    }
    return { ok: false, ms: this.#clock() - start, error };
  }

  /** Counted at both ends, so that a check which began in between notices. */
  async #run(commands: Parameters<typeof batch>[0]): Promise<NftResult> {
    this.#transactions++;
    const result = await this.#nft.apply(batch(commands));
    this.#transactions++;
    return result;
  }

  async #takeFingerprint(): Promise<void> {
    const objects = await this.#reader.table(true);
    this.#fingerprint = objects && fingerprint(objects);
  }

  /** Lists the whole table and believes it; undefined, and nothing believed, where nft fails. */
  async #learn(nowMs: number): Promise<ListedObject[] | undefined> {
    const objects = await this.#reader.table(false);
    this.#belief = objects ? { applied: appliedFrom(objects, nowMs) } : 'unknown';
    return objects;
  }
}
