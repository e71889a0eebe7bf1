import type { HookReport } from './hook-report.ts';

/** A hook of a test event. Without `code` it has not ended, as far as is known. */
export interface HookEnd {
  readonly hook: string;
  /** Its exit code, 127 if it could not be started, 128 and the signal's number if it was killed. */
  readonly code?: number;
  /** Its time was up. */
  readonly timed_out?: true;
}

/** How the hooks of one test event end, by what their programs say. */
export interface HookEnds {
  /** A program said something; what it did not announce, and what is said twice, counts for nothing. */
  note(program: object, report: HookReport): void;
  /** Whether the program said which hooks it runs. */
  isAnnounced(program: object): boolean;
  /** Whether it said so, and how each of them ended. */
  isComplete(program: object): boolean;
  /** In the order in which they start. */
  list(): readonly HookEnd[];
}

/** Of `most` programs; what more of them say counts for nothing. */
export function createHookEnds(most: number): HookEnds {
  /** Bound: `most` programs with 16 hooks each. */
  const programs = new Map<object, Map<string, HookEnd>>();
  return {
    note(program, report) {
      const known = programs.get(program);
      if ('hooks' in report) {
        if (!known && programs.size < most)
          programs.set(program, new Map(report.hooks.map((hook) => [hook, { hook }])));
        return;
      }
      const { event: _, ...end } = report;
      if (known?.get(end.hook)?.code === undefined && known?.has(end.hook)) known.set(end.hook, end);
    },
    isAnnounced: (program) => programs.has(program),
    isComplete(program) {
      const hooks = programs.get(program);
      return hooks !== undefined && [...hooks.values()].every(({ code }) => code !== undefined);
    },
    list: () => [...programs.values()].flatMap((hooks) => [...hooks.values()]),
  };
}
