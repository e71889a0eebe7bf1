import { arrivalsCounter } from './arrivals.ts';
import { type ListedObject, parseListing } from './listing.ts';
import { type FullReading, type ReadingKind, readingFrom, setsOfReading } from './readings.ts';
import { tableName } from './table.ts';

/** The one count that moves with all that arrives from upstream, and that nothing here looks at. */
const moving = new RegExp(`("name": "${arrivalsCounter}"[^}]*?"packets": )\\d+(, "bytes": )\\d+`);

/**
 * The last listing of the whole table. It is kept as text: in a home where nothing goes on the next one is the same, and
 * what was found in it is found in that one too. To parse 110 KB takes five times as long as to compare them.
 */
export class LastListing {
  #text = '';
  #atMs = Number.NEGATIVE_INFINITY;
  #readMs = Number.NEGATIVE_INFINITY;
  #isClean = false;
  #reading: { readonly of: string; readonly found: FullReading } | undefined;

  /** Counters were read by themselves until `nowMs`: one that was begun before is older, and would have them go back. */
  outdate(nowMs: number): void {
    this.#readMs = nowMs;
  }

  /** Takes in a newer one, begun at `nowMs`. */
  take(stdout: string, nowMs: number): void {
    const text = stdout.replace(moving, '$10$20');
    this.#atMs = nowMs;
    if (text === this.#text) return;
    this.#text = text;
    this.#isClean = false;
    this.#reading = undefined;
  }

  /** Whether a check of an equal one found nothing, and nothing else was wanted since. */
  get isClean(): boolean {
    return this.#isClean;
  }

  /** A check found nothing. Ends of elements are measured from now, so what has one is different each time. */
  noteClean(): void {
    this.#isClean = !this.#text.includes('"expires"');
  }

  /** Something else is wanted from now on, or was done. */
  forgetClean(): void {
    this.#isClean = false;
  }

  /** Its objects. */
  objects(): ListedObject[] | undefined {
    return parseListing(this.#text, tableName);
  }

  /** What it says of the given kinds; undefined where it is older than `maxAgeMs`, or than another reading. */
  reading(
    which: readonly ReadingKind[],
    networks: readonly string[],
    nowMs: number,
    maxAgeMs: number,
  ): FullReading | undefined {
    if (nowMs - this.#atMs > maxAgeMs || this.#atMs <= this.#readMs) return undefined;
    const of = [...which, ...networks].join(' ');
    if (this.#reading?.of === of) return this.#reading.found;
    const objects = this.objects();
    const found = objects && readingFrom(countersAmong(objects, which, networks), which);
    this.#reading = found && { of, found };
    return found;
  }
}

/** The sets of the kinds among the objects of the whole table. */
export function countersAmong(
  objects: readonly ListedObject[],
  which: readonly ReadingKind[],
  networks: readonly string[],
): ListedObject[] {
  const names = new Set(which.flatMap((kind) => setsOfReading(kind, networks)));
  return objects.filter(({ kind, value }) => kind === 'set' && names.has(String(value['name'])));
}
