import { formatOf } from './replay/formats.ts';
import { type LogFormat, linesForRecognition } from './replay/log-format.ts';
import { createLogReader, type LineCounts } from './replay/log-reader.ts';
import type { ReplayFlow } from './replay/replay-flow.ts';
import { type LogFile, openLogFile } from './system/log-file.ts';

/** One log whose flows are taken bit by bit. */
export interface Source {
  readonly path: string;
  /** Its first lines, at most {@link linesForRecognition}; none where it is empty. */
  readonly lines: readonly string[];
  readonly format: LogFormat | undefined;
  /** The time of its first line that has one, seconds. */
  readonly startS: number;
  /** Reads on until a flow's turn has come, or to the end. */
  fill(): Promise<void>;
  /** The start of the next flow, seconds; undefined when there is none (yet). */
  headS(): number | undefined;
  next(): ReplayFlow | undefined;
  counts(): LineCounts;
  /** Bytes of the file that were read. */
  bytesRead(): number;
}

const noCounts: LineCounts = { lines: 0, flows: 0, unreadable: 0, overlong: 0 };

/** Looks what kind of log the file is. It stays closed until {@link Source.fill} is called. */
export async function openSource(path: string): Promise<Source> {
  const lines = await firstLines(path);
  const format = formatOf(lines);
  const reader = format && createLogReader(format);
  let file: LogFile | undefined;
  let bytes = 0;
  let ended = reader === undefined;
  return {
    path,
    lines,
    format,
    startS: lines.map((line) => format?.timeOf(line)).find((time) => time !== undefined) ?? 0,
    async fill() {
      while (!ended && reader && reader.headS() === undefined) {
        file ??= await openLogFile(path);
        const chunk = await file.next();
        bytes = file.bytesRead();
        if (chunk !== undefined) {
          reader.push(chunk);
          continue;
        }
        reader.end();
        file.close();
        ended = true;
      }
    },
    headS: () => reader?.headS(),
    next: () => reader?.next(),
    counts: () => reader?.counts ?? noCounts,
    bytesRead: () => bytes,
  };
}

/** The longest beginning of a file that is looked at. */
const mostCharacters = 262_144;

async function firstLines(path: string): Promise<string[]> {
  const file = await openLogFile(path);
  let text = '';
  let lines: string[] = [];
  try {
    while (text.length < mostCharacters && lines.length <= linesForRecognition) {
      const chunk = await file.next();
      if (chunk === undefined) break;
      text += chunk;
      // The mark of UTF-8 as latin1.
      lines = text.replace(/^\u00ef\u00bb\u00bf/, '').split('\n');
    }
  } finally {
    file.close();
  }
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, linesForRecognition);
}
