import { describe, expect, test } from 'vitest';
import {
  banDurationsMs,
  confirm,
  forgiveAfterMs,
  isStronger,
  lastDuration,
  nextBan,
  noHistory,
} from '../../daemon/policy/ban.ts';
import { type Circumstances, decide } from '../../daemon/policy/decide.ts';
import {
  addStep,
  boundIncidents,
  condense,
  type Incident,
  maxEvidenceBytes,
  maxIncidents,
  maxSteps,
} from '../../daemon/policy/incident.ts';

const calm: Circumstances = {
  verdict: 'none',
  class: 'unknown',
  rule: 'auto',
  exempt: false,
  held: undefined,
  released: false,
  conflict: false,
  autoBans: 0,
  maxBans: 5,
};
const after = (changes: Partial<Circumstances>) => decide({ ...calm, ...changes });

describe('decide', () => {
  test.each([
    [{}, { act: 'nothing' }],
    [{ verdict: 'restrict' }, { act: 'restrict' }],
    [{ verdict: 'block' }, { act: 'block' }],
    [{ verdict: 'restrict', held: 'restricted' }, { act: 'nothing' }],
    [{ verdict: 'block', held: 'restricted' }, { act: 'block' }],
    [{ verdict: 'block', held: 'quarantined' }, { act: 'nothing' }],
    [{ verdict: 'block', rule: 'restrict' }, { act: 'restrict' }],
    [
      { verdict: 'block', rule: 'tell' },
      { act: 'tell', limit: 'rule' },
    ],
    [
      { verdict: 'block', exempt: true },
      { act: 'nothing', limit: 'exempt' },
    ],
    [
      { verdict: 'block', class: 'mailserver' },
      { act: 'nothing', limit: 'exempt' },
    ],
    [
      { verdict: 'block', released: true },
      { act: 'nothing', limit: 'released' },
    ],
    [
      { verdict: 'block', conflict: true },
      { act: 'tell', limit: 'conflict' },
    ],
    [
      { verdict: 'restrict', autoBans: 5 },
      { act: 'slow', limit: 'max_bans' },
    ],
    [{ verdict: 'block', autoBans: 5, held: 'restricted' }, { act: 'block' }],
    [
      { verdict: 'block', autoBans: 5, held: 'slowed' },
      { act: 'nothing', limit: 'max_bans' },
    ],
  ] satisfies [Partial<Circumstances>, ReturnType<typeof decide>][])('%o: %o', (changes, expected) => {
    expect(after(changes)).toEqual(expected);
  });
});

describe('bans', () => {
  test('grow to seven days and stay there', () => {
    let history = noHistory;
    const lasted: number[] = [];
    for (let index = 0; index < 6; index++) {
      const next = nextBan(history, 0);
      lasted.push(next.durationMs);
      history = next.history;
      expect(lastDuration(history)).toBe(next.durationMs);
    }
    const [hour, six, day, week] = banDurationsMs;
    expect(lasted).toEqual([hour, six, day, week, week, week]);
  });

  test('a quiet month forgives, a day less does not', () => {
    const history = { level: 3, quietSinceMs: 0 };
    expect(nextBan(history, forgiveAfterMs).durationMs).toBe(banDurationsMs[0]);
    expect(nextBan(history, forgiveAfterMs - 1).durationMs).toBe(banDurationsMs[3]);
  });

  test('a confirmed ban never becomes shorter', () => {
    const ban = { hold: 'restricted', sinceMs: 0, endMs: 9e9, origin: 'auto', provisional: true } as const;
    expect(confirm(ban, 1000, 0)).toMatchObject({ endMs: 9e9, provisional: false });
    expect([
      isStronger('blocked', 'restricted'),
      isStronger('slowed', undefined),
      isStronger('restricted', 'restricted'),
    ]).toEqual([true, true, false]);
  });
});

const incident = (id: string, closedWallMs?: number): Incident => ({
  id,
  key: 'ec71db001122' as never,
  name: 'camera',
  openedWallMs: 0,
  ...(closedWallMs === undefined ? {} : { closedWallMs }),
  steps: [],
  omitted: 0,
  evidence: [],
  refused: 0,
  destinations: 0,
  acknowledged: false,
  events: 0,
});

describe('incidents', () => {
  test('keep their beginning and their end', () => {
    const story = incident('a');
    for (let index = 0; index < maxSteps + 10; index++)
      addStep(story, { wallMs: index, type: 'told', text: '' });
    expect(story.steps.length).toBe(maxSteps);
    expect([story.steps[0]?.wallMs, story.steps.at(-1)?.wallMs, story.omitted]).toEqual([
      0,
      maxSteps + 9,
      10,
    ]);
  });

  test('evidence stays within 2 KB, the newest last, and says what is gone', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(60)}`);
    const kept = condense(lines);
    expect(kept.join('\n').length).toBeLessThanOrEqual(maxEvidenceBytes);
    expect(kept.at(-1)).toBe(lines.at(-1));
    expect(kept[0]).toBe(`(${100 - (kept.length - 1)} earlier observations)`);
    expect(condense(['one'])).toEqual(['one']);
  });

  test('are bounded: a closed one goes before an open one', () => {
    const all = new Map([incident('open'), incident('closed', 1)].map((one) => [one.id, one]));
    for (let index = 0; index < maxIncidents - 1; index++) all.set(`n${index}`, incident(`n${index}`));
    boundIncidents(all);
    expect([all.size, all.has('open'), all.has('closed')]).toEqual([maxIncidents, true, false]);
  });
});
