import { setsToCheck } from './drift.ts';
import type { Contents } from './elements.ts';
import { countersAmong, LastListing } from './last-listing.ts';
import { type ListedObject, parseListing, setsAmong } from './listing.ts';
import { isAbsent, type NftPort } from './nft-port.ts';
import { type FullReading, type ReadingKind, readingFrom, setsOfReading } from './readings.ts';
import { refusalsSet } from './sets.ts';
import { tableName } from './table.ts';

/** What a check looks at: the table's declarations, and the elements of these sets. */
export interface Look {
  readonly table: readonly ListedObject[];
  readonly elements: readonly ListedObject[];
  readonly sets: readonly string[];
}

/** A whole table with every set full is some 2 MB. */
const maxListingBytes = 8 * 2 ** 20;
/**
 * Up to here all of the table is listed in one run; beyond it set by set, since parsing takes a multiple of it in memory. A
 * home's is 110 KB.
 */
const maxWholeBytes = 512 * 2 ** 10;
/** Readings set by set after one that was too long for one run. */
const carefulReadings = 30;
const wholeTable = ['list', 'table', 'inet', tableName];

/** Lists our table and no other, with as few and as short runs of nft as will do. */
export class TableReader {
  readonly #nft: NftPort;
  readonly #clock: () => number;
  readonly #last = new LastListing();
  #checks = 0;
  #careful = 0;
  #carefulLooks = 0;
  /** Sets that were full when their kind was last read. */
  readonly #full = new Map<ReadingKind, readonly string[]>();
  /** The refusals set at the last reading of the attempts. */
  #refusals = '';

  /** `clock` in milliseconds, for ages only. */
  constructor(nft: NftPort, clock: () => number) {
    this.#nft = nft;
    this.#clock = clock;
  }

  /** The table is about to change. */
  expectChange(): void {
    this.#last.forgetClean();
  }

  /** A look found the table as it should be. */
  noteClean(): void {
    this.#last.noteClean();
  }

  /**
   * The whole table in one run where it is small; else what it declares, and some of its sets by turns. `as-before`
   * where it is the very same as when it was found clean, and nothing was to change since.
   */
  async look(contents: Contents, filled: readonly string[]): Promise<Look | 'as-before' | undefined> {
    if (this.#carefulLooks === 0) {
      const startMs = this.#clock();
      const result = await this.#nft.list(wholeTable, maxWholeBytes);
      if (result.code !== 0 && isAbsent(result)) return { table: [], elements: [], sets: filled };
      if (result.code === 0) {
        this.#last.take(result.stdout, startMs);
        const table = this.#last.isClean ? 'as-before' : this.#last.objects();
        return table === undefined || table === 'as-before'
          ? table
          : { table, elements: table, sets: filled };
      }
      if (!result.isTooLong) return undefined;
      this.#carefulLooks = carefulReadings;
    }
    this.#carefulLooks--;
    const table = await this.table(true);
    const checked = setsToCheck(contents, filled, this.#checks++);
    const elements = table && (await this.#sets(checked));
    return elements && { table, elements, sets: checked };
  }

  /**
   * Reads the counters of the given kinds; `networks` names the guarded ones. `full` also names sets that were full at
   * the last reading of the other kinds. Attempts asked for alone come back empty where nothing was refused since the
   * last time. With `maxAgeMs`, what a look found will do if it is no older. Undefined where nft or the table fails.
   */
  async read(
    which: readonly ReadingKind[],
    networks: readonly string[],
    maxAgeMs: number,
  ): Promise<FullReading | undefined> {
    const asksAttempts = which.includes('attempts');
    const refusals = asksAttempts ? await this.#readRefusals() : this.#refusals;
    const isQuiet = which.length === 1 && asksAttempts && refusals === this.#refusals;
    // Attempts are counted from one reading to the next by the refusals: an old listing would lack the newest.
    const isOldGood = maxAgeMs > 0 && !asksAttempts;
    const old = isOldGood ? this.#last.reading(which, networks, this.#clock(), maxAgeMs) : undefined;
    const objects = isQuiet || old ? [] : await this.#counters(which, networks);
    if (!old && !isQuiet) this.#last.outdate(this.#clock());
    if (!objects || refusals === undefined) return undefined;
    this.#refusals = refusals;
    const reading = old ?? readingFrom(objects, which);
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

  /** Our table's objects, none where it does not exist. Terse: without elements. */
  async table(isTerse: boolean): Promise<ListedObject[] | undefined> {
    const result = await this.#nft.list(isTerse ? ['-t', ...wholeTable] : wholeTable, maxListingBytes);
    if (result.code === 0) return parseListing(result.stdout, tableName);
    return isAbsent(result) ? [] : undefined;
  }

  /** The sets of the kinds: in one run where the table is small enough for that, else set by set. */
  async #counters(
    which: readonly ReadingKind[],
    networks: readonly string[],
  ): Promise<ListedObject[] | undefined> {
    if (this.#careful === 0) {
      const result = await this.#nft.list(wholeTable, maxWholeBytes);
      if (result.code === 0)
        return countersAmong(parseListing(result.stdout, tableName) ?? [], which, networks);
      if (!result.isTooLong) return undefined;
      this.#careful = carefulReadings;
    }
    this.#careful--;
    return this.#sets(which.flatMap((kind) => setsOfReading(kind, networks)));
  }

  /** The refusals by port, as text to compare. */
  async #readRefusals(): Promise<string | undefined> {
    const objects = await this.#sets([refusalsSet]);
    const elements = objects && setsAmong(objects).sets.get(refusalsSet)?.elements;
    return elements?.map(({ parts, packets }) => `${parts[0]} ${packets}`).join(' ');
  }

  /** One run a set: nft lists only the last of several. */
  async #sets(names: readonly string[]): Promise<ListedObject[] | undefined> {
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
