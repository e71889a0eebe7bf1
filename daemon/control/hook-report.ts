import { hookName, maxHooks } from '../hooks/hook-file.ts';
import { jsonObjectOf } from './json-object.ts';

/**
 * What the program that runs hooks says of a test event, a line of JSON each: first the hooks that it will run, then how each
 * ended. Whoever may follow can say so, and nothing follows from it but what is shown of a test.
 */
export type HookReport =
  | { readonly event: string; readonly hooks: readonly string[] }
  | { readonly event: string; readonly hook: string; readonly code: number; readonly timed_out?: true };

/** Lines that one event may be answered with. */
export const maxReports = 1 + maxHooks;
const longestName = 255;

/** The line of a report, newline included. */
export function formatHookReport(report: HookReport): string {
  return `${JSON.stringify(report)}\n`;
}

/** Reads a line as a report; undefined if it is none. Never throws. */
export function parseHookReport(line: string): HookReport | undefined {
  const { event, hooks, hook, code, timed_out } = jsonObjectOf(line) ?? {};
  if (typeof event !== 'string') return undefined;
  if (Array.isArray(hooks))
    return hooks.length <= maxHooks && hooks.every(isName) ? { event, hooks: [...hooks] } : undefined;
  if (!isName(hook) || !Number.isInteger(code) || Number(code) < 0 || Number(code) > 255) return undefined;
  return { event, hook, code: Number(code), ...(timed_out === true && { timed_out }) };
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= longestName && hookName.test(name);
}
