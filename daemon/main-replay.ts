import { renderReplay } from './cli/render-replay.ts';
import type { Replaying } from './cli/replay-options.ts';
import { printable, printableJson } from './control/printable.ts';
import { readData } from './main-data.ts';
import { createProgress } from './main-replay-progress.ts';
import { isRecording, replayRecording } from './main-replay-recording.ts';
import { openSource, type Source } from './main-replay-source.ts';
import { createEvaluator, type Evaluation, type Evaluator } from './replay/evaluator.ts';
import { formats } from './replay/formats.ts';
import { replayDocument } from './replay/report.ts';

/** Judges logs of flows, or replays one recording of inputs, and prints what came of it. Returns the exit code. */
export async function replayFiles(replaying: Replaying): Promise<number> {
  const { paths, json } = replaying;
  const sources: Source[] = [];
  for (const path of paths) {
    try {
      const source = await openSource(path);
      if (isRecording(source.lines[0] ?? '')) {
        if (paths.length > 1) return fail(path, 'is a recording, and those are replayed one at a time');
        return await replayRecording(path, json);
      }
      if (!source.format && source.lines.length > 0) return fail(path, unknownFormat);
      if (source.format) sources.push(source);
      else note(`${path} is empty`);
    } catch (error) {
      return fail(path, messageOf(error));
    }
  }
  const evaluator = createEvaluator(replaying, readData());
  const fault = await merge(sources, evaluator);
  if (fault) return fail(fault.path, fault.message);
  const evaluation = evaluator.finish();
  const document = replayDocument(evaluation, sources.map(fileOf), replaying);
  process.stdout.write(`${json ? printableJson(document, 2) : renderReplay(document)}\n`);
  tellRest(evaluation, sources);
  return 0;
}

const unknownFormat = `is none of the logs that can be read: ${formats.map(({ title }) => title).join(', ')}, or a recording of Postern's inputs; each may be gzipped`;

/** Takes the flows of all sources in the order of their time. A source is read from when its time has come. */
async function merge(
  sources: readonly Source[],
  evaluator: Evaluator,
): Promise<{ readonly path: string; readonly message: string } | undefined> {
  const progress = createProgress(sources);
  const waiting = [...sources].sort((a, b) => a.startS - b.startS);
  const active: Source[] = [];
  for (;;) {
    for (const source of active) {
      try {
        await source.fill();
      } catch (error) {
        return { path: source.path, message: messageOf(error) };
      }
      progress.show();
    }
    for (const [index, source] of [...active.entries()].reverse())
      if (source.headS() === undefined) active.splice(index, 1);
    active.sort((a, b) => (a.headS() ?? 0) - (b.headS() ?? 0));
    const [first, second] = active;
    const [next] = waiting;
    if (next && (!first || next.startS <= (first.headS() ?? 0))) {
      active.push(next);
      waiting.shift();
      continue;
    }
    if (!first) break;
    const untilS = Math.min(second?.headS() ?? Infinity, next?.startS ?? Infinity);
    takeUntil(first, untilS, evaluator);
  }
  progress.end();
  return undefined;
}

/** Takes flows of the source as long as it has them and none of another comes before. At least one. */
function takeUntil(source: Source, untilS: number, evaluator: Evaluator): void {
  for (;;) {
    const flow = source.next();
    if (!flow) return;
    evaluator.take(flow);
    const headS = source.headS();
    if (headS === undefined || headS > untilS) return;
  }
}

function fileOf({ path, format, counts }: Source) {
  const { lines, flows, unreadable, overlong } = counts();
  return { file: path, format: format?.title ?? '', lines, flows, unreadable: unreadable + overlong };
}

/** What a reader of the table should know about it, on stderr. */
function tellRest({ home, counts }: Evaluation, sources: readonly Source[]): void {
  for (const source of sources) {
    const { lines, flows, unreadable, overlong } = source.counts();
    const lost = unreadable + overlong;
    note(
      `${source.path}: ${source.format?.title}, ${lines} lines, ${flows} mail flows${lost > 0 ? `, ${lost} lines could not be read` : ''}`,
    );
  }
  if (home === 'sources' && counts.judged > 0)
    note('no source has a private address, so every source counts as at home: name yours with --lan PREFIX');
  if (home === 'private' && counts.strange > 0)
    note(
      `${counts.strange} mail flows of public sources were left out: name the home with --lan PREFIX to change that`,
    );
  if (home === 'lan' && counts.strange > 0)
    note(`${counts.strange} mail flows of sources outside --lan were left out`);
  if (counts.inside > 0) note(`${counts.inside} mail flows within the home were left out, as the guard does`);
  if (counts.toPrivate > 0)
    note(
      `${counts.toPrivate} mail flows went to private addresses, which count as outside: name the home with --lan PREFIX to change that`,
    );
  if (counts.late > 0) note(`${counts.late} flows came out of order and were judged at a later time`);
  if (counts.leftOut > 0) note(`${counts.leftOut} flows of too many devices were left out`);
}

function fail(path: string, message: string): number {
  note(`${path}: ${message}`);
  return 1;
}

function note(text: string): void {
  process.stderr.write(`postern: ${printable(text)}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
