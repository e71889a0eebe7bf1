import { type Backoff, delayMs } from './backoff.ts';
import type { FlowEvent } from './flow.ts';
import { type GapReason, gapNotice } from './gap-notice.ts';
import { parseFlowLine } from './parse-line.ts';
import { type LineRest, noRest, splitMailLines } from './split-mail-lines.ts';
import { readStderr } from './stderr.ts';

/**
 * Which events to ask for. `all` only where the kernel masks what is not mail; else `ends`, since updates are two
 * thirds of what a router tells.
 */
export type EventFilter = 'all' | 'ends';

/** A running child. */
export interface ListenerChild {
  readonly pid: number | undefined;
  stop(): void;
}

/** What the listener needs of the world: system/process.ts, timers, a monotonic clock, a number from 0 up to 1. */
export interface ListenerPorts {
  spawnStream(
    argv: readonly [program: string, ...args: string[]],
    handlers: {
      onStdout(text: string): void;
      onStderr(text: string): void;
      onExit(code: number, error?: string): void;
    },
  ): ListenerChild;
  schedule(delayMs: number, then: () => void): () => void;
  now(): number;
  random(): number;
}

/** Who is told. */
export interface ListenerOwner {
  /** The flows of all lines that one wake brought, at least one, in their order. */
  flows(events: readonly FlowEvent[]): void;
  /** Events may be missing; at most once a second. `detail` is conntrack's last message, printable ASCII. */
  gap(reason: GapReason, detail: string): void;
  /** From here on no event is missed: list now what is older. After every start and restart. */
  listening(pid: number): void;
}

/** What went wrong so far. */
export interface ListenerCounts {
  starts: number;
  overruns: number;
  /** Lines that were too long to be of conntrack. */
  overlong: number;
  /** Lines with a mail port that the parser refused: replies from a mail port, other protocols, torn lines. */
  refused: number;
}

/** The event reader. */
export interface Listener {
  readonly counts: Readonly<ListenerCounts>;
  /** The child that runs now: our own listeners are found by it. */
  pid(): number | undefined;
  /** Starts anew with this filter; nothing happens if it is the present one. */
  restart(filter: EventFilter): void;
  stop(): void;
}

const backoff: Backoff = { firstMs: 100, longestMs: 30_000 };
/** A reader that did listen and then ended is not one that cannot start: being deaf costs more than a process a second. */
const longestDeafMs = 1_000;
const goodRunMs = 60_000;
/** The kernel doubles it. At 5,000 connections a second 8 MiB hold more than a second's events. */
const bufferBytes = 4 * 1024 * 1024;
/** Where conntrack does not say that it listens, it is believed to after so long. */
const surelyListeningMs = 1_000;

const events = { all: 'NEW,UPDATE,DESTROY', ends: 'NEW,DESTROY' } as const;

/** The command of the event reader; also how an orphan of ours is recognised. */
export function listenArgv(filter: EventFilter): readonly [program: string, ...args: string[]] {
  const wanted = ['-e', events[filter], '-b', String(bufferBytes)];
  return ['conntrack', '-E', '-p', 'tcp', '-o', 'timestamp,id,extended', ...wanted];
}

/** Names of the programs among listeners that are not our reader, nor one that a killed daemon left behind: that ends with its next line. */
export function strangersAmong(listeners: readonly { readonly argv: readonly string[] }[]): string[] {
  const isOurs = (argv: readonly string[]) =>
    (['all', 'ends'] as const).some((filter) => listenArgv(filter).slice(1).join() === argv.slice(1).join());
  const strangers = listeners.filter(({ argv }) => !isOurs(argv));
  return [...new Set(strangers.map(({ argv }) => argv[0]?.split('/').at(-1) ?? 'unknown'))];
}

/** Starts `conntrack -E` and keeps it running until stopped. */
export function startListener(filter: EventFilter, ports: ListenerPorts, owner: ListenerOwner): Listener {
  const counts: ListenerCounts = { starts: 0, overruns: 0, overlong: 0, refused: 0 };
  const notice = gapNotice(ports, (reason, detail) => owner.gap(reason, detail));
  let wanted = filter;
  let failures = 0;
  let end: () => void = () => undefined;
  let current: Running | undefined;

  const start = () => {
    counts.starts++;
    const startedMs = ports.now();
    current = startChild(
      wanted,
      ports,
      owner,
      counts,
      (reason) => notice.note(reason, ''),
      (listened, detail) => {
        failures = listened && ports.now() - startedMs >= goodRunMs ? 1 : failures + 1;
        const longestMs = listened ? longestDeafMs : backoff.longestMs;
        end = ports.schedule(delayMs({ ...backoff, longestMs }, failures, ports.random()), start);
        current = undefined;
        notice.note(listened ? 'exit' : 'start-failed', detail);
      },
    );
  };
  const halt = () => {
    end();
    end = () => undefined;
    current?.abandon();
    current = undefined;
  };
  start();
  return {
    counts,
    pid: () => current?.pid(),
    restart(next) {
      if (next === wanted) return;
      wanted = next;
      halt();
      start();
      notice.note('resync', '');
    },
    stop() {
      halt();
      notice.stop();
    },
  };
}

/** One run of conntrack. */
interface Running {
  pid(): number | undefined;
  /** Stops it and hears no more of it. */
  abandon(): void;
}

function startChild(
  filter: EventFilter,
  ports: ListenerPorts,
  owner: ListenerOwner,
  counts: ListenerCounts,
  onLoss: (reason: 'enobufs') => void,
  onEnd: (listened: boolean, detail: string) => void,
): Running {
  let rest: LineRest = noRest;
  let stderrRest = '';
  let message = '';
  let isListening = false;
  let isAbandoned = false;
  const listening = () => {
    if (isListening || isAbandoned || child.pid === undefined) return;
    isListening = true;
    owner.listening(child.pid);
  };
  const child = ports.spawnStream(listenArgv(filter), {
    onStdout(text) {
      if (isAbandoned) return;
      const cut = splitMailLines(rest, text);
      rest = cut.rest;
      counts.overlong += cut.overlong;
      const events = cut.lines.flatMap((line) => parseFlowLine(line) ?? []);
      counts.refused += cut.lines.length - events.length;
      if (events.length > 0) owner.flows(events);
    },
    onStderr(text) {
      if (isAbandoned) return;
      const reading = readStderr(stderrRest, text);
      stderrRest = reading.rest;
      message = reading.message ?? message;
      if (reading.listening) listening();
      if (reading.overrun) {
        counts.overruns++;
        onLoss('enobufs');
      }
    },
    onExit(code, error) {
      cancel();
      if (!isAbandoned) onEnd(isListening, error ?? (message || `exit code ${code}`));
    },
  });
  const cancel = ports.schedule(surelyListeningMs, listening);
  return {
    pid: () => child.pid,
    abandon() {
      isAbandoned = true;
      cancel();
      child.stop();
    },
  };
}
