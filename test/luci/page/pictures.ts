import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';

const planes = ['luma', 'blue', 'red'] as const;
type Plane = (typeof planes)[number];

/** Means of the squares of a picture, row by row: brightness and the two of colour, 0 to 255. */
type Blocks = { readonly columns: number } & Readonly<Record<Plane, readonly number[]>>;

/** A picture in a baseline: the planes one after the other in steps of `step`, deflated, in base64. */
interface Stored {
  readonly columns: number;
  readonly blocks: string;
}

/** Where pictures of the last run stay. */
const folder = '.cache/screenshots';
/** Pixels of a block's side: two thirds of a line of text high, so that a shift by a line is seen. */
const side = 12;
const step = 8;
/**
 * How far a block's mean may be from the baseline's, in 255ths. Text that is a pixel further to a side, or drawn with
 * other hints, stays below; a line that is missing, a button, or another colour of a border do not.
 */
const tolerance: Readonly<Record<Plane, number>> = { luma: 40, blue: 20, red: 20 };
/** Rows by which a page may be longer or shorter. */
const rowsOff = 1;
const mostTold = 5;
const isRenewed = process.env['POSTERN_BASELINE'] === 'renew';

/** Keeps a picture of the whole page. Returns it. */
export async function keepPicture(page: Page, name: string): Promise<Buffer> {
  mkdirSync(folder, { recursive: true });
  return await page.screenshot({ path: pathOf(name), fullPage: true });
}

function pathOf(name: string): string {
  return join(folder, `${name}.png`);
}

/** Takes pictures without what changes from run to run, and compares them with those of a file. */
export class Baseline {
  readonly #path: string;
  readonly #stored: Record<string, Stored>;

  constructor(path: string) {
    this.#path = path;
    this.#stored = existsSync(path) && !isRenewed ? JSON.parse(readFileSync(path, 'utf8')) : {};
  }

  /** Takes a picture; says in what it differs, with POSTERN_BASELINE=renew never. */
  async differences(page: Page, name: string): Promise<string[]> {
    await page.evaluate('import("/host/picture.js").then((picture) => picture.mask())');
    const picture = await keepPicture(page, name);
    const now = await page.evaluate<Blocks>(
      `import("/host/picture.js").then((picture) => {
        picture.unmask();
        return picture.blocks('${picture.toString('base64')}', ${side});
      })`,
    );
    if (isRenewed) this.#stored[name] = pack(now);
    const before = this.#stored[name];
    if (before === undefined) return [`${name}: no baseline in ${this.#path}; ${pathOf(name)}`];
    return compare(unpack(before), now).map((difference) => `${difference}; ${pathOf(name)}`);
  }

  /** Writes what was renewed. */
  close(): void {
    if (!isRenewed) return;
    writeFileSync(this.#path, `${JSON.stringify(this.#stored, null, 2)}\n`);
  }
}

function pack(blocks: Blocks): Stored {
  const bytes = planes.flatMap((plane) => blocks[plane].map((value) => Math.round(value / step)));
  return {
    columns: blocks.columns,
    blocks: deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString('base64'),
  };
}

function unpack({ columns, blocks }: Stored): Blocks {
  const bytes = [...inflateRawSync(Buffer.from(blocks, 'base64'))].map((value) => value * step);
  const length = bytes.length / planes.length;
  const [luma = [], blue = [], red = []] = planes.map((_, index) =>
    bytes.slice(index * length, (index + 1) * length),
  );
  return { columns, luma, blue, red };
}

/** In what a picture differs from another: its size, or the blocks that are off by most. */
function compare(before: Blocks, now: Blocks): string[] {
  if (before.columns !== now.columns) return [`${now.columns} blocks wide, not ${before.columns}`];
  const rows = now.luma.length / now.columns;
  const rowsBefore = before.luma.length / before.columns;
  const off = planes
    .flatMap((plane) =>
      before[plane].slice(0, now[plane].length).map((value, index) => {
        const by = (now[plane][index] ?? value) - value;
        return { plane, index, by, share: Math.abs(by) / tolerance[plane] };
      }),
    )
    .filter(({ share }) => share > 1)
    .sort((a, b) => b.share - a.share);
  const told = off.slice(0, mostTold).map(({ plane, index, by }) => {
    const [x, y] = [(index % now.columns) * side, Math.floor(index / now.columns) * side];
    return `at ${x},${y} ${plane} differs by ${by.toFixed(0)}, more than ${tolerance[plane]}`;
  });
  if (off.length > told.length) told.push(`${off.length} blocks differ`);
  if (Math.abs(rows - rowsBefore) > rowsOff)
    told.unshift(`${rows} rows of ${side} pixels, not ${rowsBefore}`);
  return told;
}
