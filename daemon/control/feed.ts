import { createHookEnds, type HookEnd, type HookEnds } from './hook-ends.ts';
import type { HookReport } from './hook-report.ts';

/** What the daemon's events are handed to, and who follows them. */
export interface Feed {
  publish(event: FeedEvent): void;
  /**
   * Hands each further event to `listener` as a line of JSON, until `leave` is called. With `after`, the events that
   * came after the one of that id come first. Undefined where enough follow.
   */
  follow(listener: (line: string) => void, after: string | undefined): Followed | undefined;
  /** How many programs follow. */
  followers(): number;
  /** Gathers from now on what those who follow say of a test event; undefined where enough tests are under way. */
  test(event: string): HookTest | undefined;
}

/** A test event that is under way. */
export interface HookTest {
  /** Programs that follow and have not said which hooks they run. */
  silent(): number;
  /** Whether all who follow said how each of their hooks ended. */
  isComplete(): boolean;
  hooks(): readonly HookEnd[];
  /** It is over: what comes later counts for nothing. */
  end(): void;
}

/** A document with an id that is unique for ever. */
interface FeedEvent {
  readonly id: string;
}

/** One program that follows. */
export interface Followed {
  /** Lines that came before, oldest first. */
  readonly lines: readonly string[];
  /** Whether `lines` is all that came after `after`, as far as this run of the daemon knows. */
  readonly complete: boolean;
  /** The id of the newest event so far. */
  readonly last: string | undefined;
  /** It says how hooks end; only of a test that is under way is it kept. */
  report(report: HookReport): void;
  leave(): void;
}

/** Events kept for whoever comes back; the oldest goes first. At most some 3 KB each. */
export const keptEvents = 64;
/** Programs that may follow at once. */
export const maxFollowers = 2;
/** Test events that may be under way at once. */
const maxTests = 8;

/** A feed with nobody following. */
export function createFeed(): Feed {
  /** Bound: keptEvents. */
  const kept: FeedEvent[] = [];
  let hasForgotten = false;
  /** Bound: maxFollowers. */
  const listeners = new Set<(line: string) => void>();
  /** Bound: maxTests. By the event. */
  const tests = new Map<string, HookEnds>();
  const lineOf = (event: FeedEvent) => `${JSON.stringify(event)}\n`;

  return {
    followers: () => listeners.size,
    test(event) {
      if (tests.size >= maxTests) return undefined;
      const ends = createHookEnds(maxFollowers);
      tests.set(event, ends);
      const all = () => [...listeners];
      return {
        silent: () => all().filter((listener) => !ends.isAnnounced(listener)).length,
        isComplete: () => all().every(ends.isComplete),
        hooks: ends.list,
        end: () => void tests.delete(event),
      };
    },
    publish(event) {
      kept.push(event);
      if (kept.length > keptEvents) hasForgotten = kept.shift() !== undefined;
      if (listeners.size === 0) return;
      const line = lineOf(event);
      for (const listener of listeners) listener(line);
    },
    follow(listener, after) {
      if (listeners.size >= maxFollowers) return undefined;
      listeners.add(listener);
      // An id that is not found is older than all that is kept, or of an earlier run.
      const last = kept.findIndex(({ id }) => id === after);
      return {
        lines: after === undefined ? [] : kept.slice(last + 1).map(lineOf),
        complete: after === undefined || last >= 0 || !hasForgotten,
        last: kept.at(-1)?.id,
        report: (report) => tests.get(report.event)?.note(listener, report),
        leave: () => void listeners.delete(listener),
      };
    },
  };
}
