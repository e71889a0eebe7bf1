import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHookReport, type HookReport, parseHookReport } from '../../daemon/control/hook-report.ts';
import { maxHooks } from '../../daemon/hooks/hook-file.ts';

const parse = (value: unknown) => parseHookReport(JSON.stringify(value));
const names = (count: number) => Array.from({ length: count }, (_, index) => `hook-${index}`);

describe('a report of hooks', () => {
  it.each<HookReport>([
    { event: 'home-1', hooks: [] },
    { event: 'home-1', hooks: names(maxHooks) },
    { event: 'home-1', hook: '10-ntfy', code: 0 },
    { event: 'home-1', hook: '10-ntfy', code: 143, timed_out: true },
  ])('is read as it was written: %j', (report) => {
    const line = formatHookReport(report);
    expect(line.endsWith('\n')).toBe(true);
    expect(parseHookReport(line)).toEqual(report);
  });

  it.each([
    [{ hooks: ['a'] }],
    [{ event: 1, hooks: ['a'] }],
    [{ event: 'e', hooks: names(maxHooks + 1) }],
    [{ event: 'e', hooks: ['a', '../b'] }],
    [{ event: 'e', hooks: ['a\nb'] }],
    [{ event: 'e', hooks: ['x'.repeat(256)] }],
    [{ event: 'e', hook: 'a' }],
    [{ event: 'e', hook: 'a', code: '0' }],
    [{ event: 'e', hook: 'a', code: -1 }],
    [{ event: 'e', hook: 'a', code: 256 }],
    [{ event: 'e', hook: 'a', code: 0.5 }],
    [{ event: 'e', hook: '\u001b[2J', code: 0 }],
    [null],
    [[]],
  ])('is not %j', (value) => {
    expect(parse(value)).toBeUndefined();
  });

  it('is never more than it may be, whatever the line is', () => {
    const anything = fc.oneof(
      fc.string(),
      fc
        .record({ event: fc.anything(), hooks: fc.anything(), hook: fc.anything(), code: fc.anything() })
        .map((one) => {
          try {
            return JSON.stringify(one) ?? '';
          } catch {
            return '';
          }
        }),
    );
    fc.assert(
      fc.property(anything, (line) => {
        const report = parseHookReport(line);
        if (report)
          expect(Object.keys(report).every((key) => ['event', 'hooks', 'hook', 'code'].includes(key))).toBe(
            true,
          );
      }),
    );
  });
});
