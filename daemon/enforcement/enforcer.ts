import type { Omission } from './checked.ts';
import type { DesiredRuleset } from './desired.ts';
import {
  type Difference,
  elementDrift,
  type Fingerprint,
  fingerprint,
  setsToCheck,
  structureDrift,
} from './drift.ts';
import type { Contents } from './elements.ts';
import { type ListedObject, parseListing, setsAmong } from './listing.ts';
import { isAbsent, type NftPort, type NftResult, reasonOf } from './nft-port.ts';
import { type Applied, plan } from './plan.ts';
import { type Adoption, adoptedFrom, appliedFrom, listedContents } from './read-back.ts';
import { type FullReading, type ReadingKind, readingFrom, setsOfReading } from './readings.ts';
import { addTable, batch, deleteTable } from './render-json.ts';
import { isDynamicSet, refusalsSet } from './sets.ts';
import { tableName } from './table.ts';

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

/** What a check looks at: the table's declarations, and the elements of these sets. */
interface Look {
  readonly table: readonly ListedObject[];
  readonly elements: readonly ListedObject[];
  readonly sets: readonly string[];
}

/** A whole table with every set full is some 2 MB. */
const maxListingBytes = 8 * 2 ** 20;
/** Up to here all sets are read in one run; beyond it set by set, since parsing takes a multiple of it in memory. */
const maxReadingBytes = 512 * 2 ** 10;
/** Up to here a check looks at all of the table at once: it comes every few seconds. A home's is 110 KB. */
const maxLookBytes = 192 * 2 ** 10;
/** Readings set by set after one that was too long for one run. */
const carefulReadings = 30;
const wholeTable = ['list', 'table', 'inet', tableName];

/**
 * Keeps `table inet postern` as desired, and touches no other. Transactions run one at a time, the first at once; of
 * rulesets that arrive while one is on its way only the newest is applied, and all callers get its result.
 */
export class Enforcer {
  readonly #nft: NftPort;
  readonly #clock: () => number;
  #belief: Belief = 'unknown';
  #fingerprint: Fingerprint | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  /** Works that have not ended. */
  #works = 0;
  #waiting: { desired: DesiredRuleset; nowMs: number; result: Promise<ApplyResult> } | undefined;
  /** Beginnings and ends of transactions: a check that one overtakes says nothing. */
  #transactions = 0;
  #checks = 0;
  #careful = 0;
  #carefulLooks = 0;
  /** Sets that were full when their kind was last read. */
  readonly #full = new Map<ReadingKind, readonly string[]>();
  /** The refusals set at the last reading of the attempts. */
  #refusals = '';

  /** `clock` in milliseconds, for durations only. */
  constructor(nft: NftPort, clock: () => number) {
    this.#nft = nft;
    this.#clock = clock;
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
    const seen = await this.#look(contents, filled);
    if (!seen || this.#transactions !== started) return undefined;
    let differences = structureDrift(then, fingerprint(seen.table));
    if (differences.length === 0) {
      differences = elementDrift(contents, listedContents(seen.elements, nowMs), seen.sets, nowMs);
      if (differences.length === 0) return [];
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

  /** The whole table in one run where it is small; else what it declares, and some of its sets by turns. */
  async #look(contents: Contents, filled: readonly string[]): Promise<Look | undefined> {
    if (this.#carefulLooks === 0) {
      const result = await this.#nft.list(wholeTable, maxLookBytes);
      const table = result.code === 0 ? parseListing(result.stdout, tableName) : isAbsent(result) && [];
      if (table) return { table, elements: table, sets: filled };
      if (!result.isTooLong) return undefined;
      this.#carefulLooks = carefulReadings;
    }
    this.#carefulLooks--;
    const table = await this.#listTable(true);
    const checked = setsToCheck(contents, filled, this.#checks++);
    const elements = table && (await this.#listSets(checked));
    return elements && { table, elements, sets: checked };
  }

  /**
   * Reads the counters of the given kinds; `networks` names the guarded ones. `full` also names sets that were full at
   * the last reading of the other kinds. Attempts asked for alone come back empty where nothing was refused since the
   * last time. Undefined where nft or the table fails.
   */
  async read(which: readonly ReadingKind[], networks: readonly string[]): Promise<FullReading | undefined> {
    const refusals = which.includes('attempts') ? await this.#readRefusals() : this.#refusals;
    const isQuiet = which.length === 1 && which[0] === 'attempts' && refusals === this.#refusals;
    const objects = isQuiet ? [] : await this.#listCounters(which, networks);
    if (!objects || refusals === undefined) return undefined;
    this.#refusals = refusals;
    const reading = readingFrom(objects, which);
    if (!isQuiet) {
      for (const kind of which) {
        const names = new Set(setsOfReading(kind, networks));
        this.#full.set(
          kind,
          reading.full.filter((name) => names.has(name)),
        );
      }
    }
    return { ...reading, full: [...this.#full.values()].flat() };
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
        if (isStructural) await this.#takeFingerprint();
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
    const objects = await this.#listTable(true);
    this.#fingerprint = objects && fingerprint(objects);
  }

  /** Lists the whole table and believes it; undefined, and nothing believed, where nft fails. */
  async #learn(nowMs: number): Promise<ListedObject[] | undefined> {
    const objects = await this.#listTable(false);
    this.#belief = objects ? { applied: appliedFrom(objects, nowMs) } : 'unknown';
    return objects;
  }

  /** Our table's objects, none where it does not exist. Terse: without elements. */
  async #listTable(isTerse: boolean): Promise<ListedObject[] | undefined> {
    const result = await this.#nft.list(isTerse ? ['-t', ...wholeTable] : wholeTable, maxListingBytes);
    if (result.code === 0) return parseListing(result.stdout, tableName);
    return isAbsent(result) ? [] : undefined;
  }

  /** The sets of the kinds: in one run where the table is small enough for that, else set by set. */
  async #listCounters(
    which: readonly ReadingKind[],
    networks: readonly string[],
  ): Promise<ListedObject[] | undefined> {
    const names = new Set(which.flatMap((kind) => setsOfReading(kind, networks)));
    if (this.#careful === 0) {
      const result = await this.#nft.list(wholeTable, maxReadingBytes);
      if (result.code === 0) {
        const objects = parseListing(result.stdout, tableName) ?? [];
        return objects.filter(({ kind, value }) => kind === 'set' && names.has(String(value['name'])));
      }
      if (!result.isTooLong) return undefined;
      this.#careful = carefulReadings;
    }
    this.#careful--;
    return this.#listSets([...names]);
  }

  /** The refusals by port, as text to compare. */
  async #readRefusals(): Promise<string | undefined> {
    const objects = await this.#listSets([refusalsSet]);
    const elements = objects && setsAmong(objects).sets.get(refusalsSet)?.elements;
    return elements?.map(({ parts, packets }) => `${parts[0]} ${packets}`).join(' ');
  }

  /** One run a set: nft lists only the last of several. */
  async #listSets(names: readonly string[]): Promise<ListedObject[] | undefined> {
    const objects: ListedObject[] = [];
    for (const name of names) {
      const result = await this.#nft.list(['list', 'set', 'inet', tableName, name], maxListingBytes);
      const listed = result.code === 0 ? parseListing(result.stdout, tableName) : undefined;
      if (listed) objects.push(...listed);
      else if (!isAbsent(result)) return undefined;
    }
    return objects;
  }
}
