import type { HookReport } from '../control/hook-report.ts';
import { jsonObjectOf } from '../control/json-object.ts';
import { printable, printableJson } from '../control/printable.ts';

/** An event as hooks get it. It may come from another version of the daemon, with types and members not known here. */
export interface HookEvent {
  /** Unique for ever. */
  readonly id: string;
  readonly type: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** Takes what is to be said of a test; nothing, where its daemon is gone. */
  readonly report?: (report: HookReport) => void;
}

/** Members of the document that are also in the environment, as `POSTERN_` and the name in capitals. */
const inEnvironment = [
  ...['id', 'type', 'at', 'node', 'incident', 'device', 'name', 'vendor', 'address', 'text'],
] as const;
/** Longer texts are cut in the environment; the document has them whole. */
const maxTextLength = 1024;
const maxRemedies = 10;

/** Reads a line of the daemon's feed; undefined if it is no event. */
export function parseHookEvent(line: string): HookEvent | undefined {
  const document = jsonObjectOf(line);
  if (!document) return undefined;
  const { id, type } = document;
  return typeof id === 'string' && typeof type === 'string' ? { id, type, document } : undefined;
}

/**
 * The environment of a hook. A member that the event lacks is an empty text, so that a script may name each. Devices choose
 * their names: control characters, line breaks and what turns the direction of text are `?`. What to do is a line each.
 */
export function hookEnvironment({ document }: HookEvent): Record<string, string> {
  const remedies: readonly unknown[] = Array.isArray(document['remedies']) ? document['remedies'] : [];
  return {
    ...Object.fromEntries(
      inEnvironment.map((member) => {
        const value = document[member];
        const text = typeof value === 'string' ? value : '';
        return [`POSTERN_${member.toUpperCase()}`, printable(text.slice(0, maxTextLength))];
      }),
    ),
    POSTERN_REMEDIES: remedies
      .slice(0, maxRemedies)
      .map((one) => printable(String(one).slice(0, 200)))
      .join('\n'),
  };
}

/** What a hook reads from its standard input: the whole document, one line, with everything unprintable escaped. */
export function hookInput({ document }: HookEvent): string {
  return `${printableJson(document)}\n`;
}
