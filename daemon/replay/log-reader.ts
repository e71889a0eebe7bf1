import { createHeap } from './heap.ts';
import type { LogFormat } from './log-format.ts';
import type { ReplayFlow } from './replay-flow.ts';
import { createLineSplitter } from './split-lines.ts';

/** How many lines of a file were what. */
export interface LineCounts {
  lines: number;
  /** Flows to mail ports. */
  flows: number;
  /** Lines that are none of the format's, or whose mail flow lacks what it needs. */
  unreadable: number;
  /** Lines longer than a line may be. */
  overlong: number;
}

/** Reads one log chunk by chunk and gives its flows in the order of their start. */
export interface LogReader {
  push(chunk: string): void;
  /** The log is over. */
  end(): void;
  /** The start of the flow that {@link next} gives, seconds; undefined while more must be read, or when all is given. */
  readonly headS: () => number | undefined;
  readonly next: () => ReplayFlow | undefined;
  readonly counts: LineCounts;
}

/**
 * Many logs are in the order in which flows ended. So many flows wait for earlier ones: enough for all mail of hours. A
 * flow that comes later than that is taken at the time it comes.
 */
export const mostWaiting = 16_384;

/** A reader at the start of a log. */
export function createLogReader(format: LogFormat, waiting: number = mostWaiting): LogReader {
  const splitter = createLineSplitter();
  const parser = format.open();
  const heap = createHeap<ReplayFlow>();
  const counts: LineCounts = { lines: 0, flows: 0, unreadable: 0, overlong: 0 };
  let ended = false;

  const give = (flow: ReplayFlow) => {
    counts.flows++;
    heap.push(flow.tsS, flow);
  };
  const line = (text: string) => {
    if (text === '') return;
    counts.lines++;
    if (parser.line(text, give) === 'unreadable') counts.unreadable++;
  };

  return {
    push(chunk) {
      splitter.push(chunk, line);
      counts.overlong = splitter.overlong();
    },
    end() {
      splitter.end(line);
      counts.overlong = splitter.overlong();
      parser.end(give);
      ended = true;
    },
    headS: () => (ended || heap.size > waiting ? heap.rank() : undefined),
    next: () => heap.pop(),
    counts,
  };
}
