import type { MailPort } from '../conntrack/flow.ts';
import type { Address, Row, Tier } from './seen.ts';

/**
 * Rows of 28 bytes, in pages that are allocated as they are needed and kept: at most {@link maxRows}, 0.92 MB.
 * Words of a row: minute, address (two), connections, refused, messages and delivered (16 bits each), and a word of flags
 * with the device's row before it.
 */
export const maxRows = 32_767;
const wordsPerRow = 7;
const pageBits = 11;
const rowsPerPage = 2 ** pageBits;
/** No row: the end of a chain. */
export const noRow = 0xffff;
const ports = [25, 465, 587, 2525] as const satisfies readonly MailPort[];
const most16 = 0xffff;
const most32 = 0xffff_ffff;

const flag = { six: 1 << 18, several: 1 << 21, unsure: 1 << 22 } as const;
const tierShift = 19;

/** The memory of the history: rows in chains, the newest of a device first. */
export class RowPool {
  readonly #pages: Uint32Array[] = [];
  #free = noRow;
  #made = 0;
  #used = 0;

  /** Rows in use. */
  get used(): number {
    return this.#used;
  }

  /** Whether the next {@link make} finds no room. */
  get isFull(): boolean {
    return this.#used >= maxRows;
  }

  /** Bytes that the pages take. */
  get bytes(): number {
    return this.#pages.length * rowsPerPage * wordsPerRow * 4;
  }

  /** A row with these values before which `before` came. The pool must not be full. `unsure`: its time may be corrected yet. */
  make(row: Row, before: number, unsure: boolean): number {
    const at = this.#take();
    const { page, base } = this.#place(at);
    page[base] = row.minute;
    page[base + 1] = row.address?.high ?? 0;
    page[base + 2] = row.address?.low ?? 0;
    page[base + 3] = 0;
    page[base + 4] = 0;
    page[base + 5] = 0;
    page[base + 6] =
      before |
      (ports.indexOf(row.port) << 16) |
      (row.address?.family === 6 ? flag.six : 0) |
      (row.tier << tierShift) |
      (row.address ? 0 : flag.several) |
      (unsure ? flag.unsure : 0);
    this.add(at, row);
    return at;
  }

  /** Adds counts; one that would be too large stays at what its bits hold: "at least". */
  add(
    at: number,
    {
      connections,
      refused,
      messages,
      delivered,
    }: Pick<Row, 'connections' | 'refused' | 'messages' | 'delivered'>,
  ): void {
    const { page, base } = this.#place(at);
    page[base + 3] = Math.min(most32, (page[base + 3] ?? 0) + connections);
    page[base + 4] = Math.min(most32, (page[base + 4] ?? 0) + refused);
    const mail = page[base + 5] ?? 0;
    const allMessages = Math.min(most16, (mail >>> 16) + messages);
    page[base + 5] = ((allMessages << 16) | Math.min(most16, (mail & most16) + delivered)) >>> 0;
  }

  /** The row's values. */
  read(at: number): Row {
    const { page, base } = this.#place(at);
    const flags = page[base + 6] ?? 0;
    const mail = page[base + 5] ?? 0;
    return {
      minute: page[base] ?? 0,
      tier: ((flags >>> tierShift) & 3) as Tier,
      port: ports[(flags >>> 16) & 3] ?? 25,
      address: flags & flag.several ? undefined : addressIn(page, base, flags),
      connections: page[base + 3] ?? 0,
      refused: page[base + 4] ?? 0,
      messages: mail >>> 16,
      delivered: mail & most16,
    };
  }

  minuteOf(at: number): number {
    const { page, base } = this.#place(at);
    return page[base] ?? 0;
  }

  /** The rows of a chain that begin in these minutes. Without an object for each of the others: a question looks at all there are. */
  within(newest: number, from: number, to: number): Row[] {
    const found: Row[] = [];
    for (let at = newest; at !== noRow; ) {
      const page = this.#pages[at >>> pageBits] ?? none;
      const base = (at & (rowsPerPage - 1)) * wordsPerRow;
      const minute = page[base] ?? 0;
      if (minute >= from && minute <= to) found.push(this.read(at));
      at = (page[base + 6] ?? 0) & noRow;
    }
    return found;
  }

  /** The row before it in its device's chain. */
  before(at: number): number {
    const { page, base } = this.#place(at);
    return (page[base + 6] ?? 0) & noRow;
  }

  link(at: number, before: number): void {
    const { page, base } = this.#place(at);
    page[base + 6] = (((page[base + 6] ?? 0) & ~noRow) | before) >>> 0;
  }

  /** Whether the row is of the minute, at the port and to the server (`undefined`: the one for several). */
  is(at: number, minute: number, port: MailPort, address: Address | undefined): boolean {
    const { page, base } = this.#place(at);
    const flags = page[base + 6] ?? 0;
    if (page[base] !== minute || ((flags >>> tierShift) & 3) !== 0 || ports[(flags >>> 16) & 3] !== port)
      return false;
    if (address === undefined || flags & flag.several)
      return address === undefined && (flags & flag.several) !== 0;
    const isSix = (flags & flag.six) !== 0;
    return (
      isSix === (address.family === 6) && page[base + 1] === address.high && page[base + 2] === address.low
    );
  }

  /** Moves a row in time, if its time was not sure. */
  shift(at: number, minutes: number): void {
    const { page, base } = this.#place(at);
    if ((page[base + 6] ?? 0) & flag.unsure) page[base] = Math.max(0, (page[base] ?? 0) + minutes);
  }

  /** What the row says of its time holds from now on. */
  settle(at: number): void {
    const { page, base } = this.#place(at);
    page[base + 6] = ((page[base + 6] ?? 0) & ~flag.unsure) >>> 0;
  }

  release(at: number): void {
    this.link(at, this.#free);
    this.#free = at;
    this.#used--;
  }

  #take(): number {
    this.#used++;
    if (this.#free !== noRow) {
      const at = this.#free;
      this.#free = this.before(at);
      return at;
    }
    if (this.#made % rowsPerPage === 0) this.#pages.push(new Uint32Array(rowsPerPage * wordsPerRow));
    return this.#made++;
  }

  #place(at: number): { readonly page: Uint32Array; readonly base: number } {
    return { page: this.#pages[at >>> pageBits] ?? none, base: (at & (rowsPerPage - 1)) * wordsPerRow };
  }
}

const none = new Uint32Array(wordsPerRow);

function addressIn(page: Uint32Array, base: number, flags: number): Address {
  return { family: flags & flag.six ? 6 : 4, high: page[base + 1] ?? 0, low: page[base + 2] ?? 0 };
}
