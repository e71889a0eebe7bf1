import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verbs } from '../../daemon/control/request.ts';
import { verbArguments } from '../../daemon/control/verb-arguments.ts';
import { degradedReasons } from '../../daemon/engine/degraded.ts';
import { deviceStates } from '../../daemon/engine/documents.ts';
import { eventTypes } from '../../daemon/policy/incident.ts';
import { figuresOfDetection, figuresOfLimits } from './figures.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the documents say what the code does', () => {
  test.each(figuresOfLimits())('limits.md: %s', (figure) => expect(page('limits.md')).toContain(figure));
  test.each(figuresOfDetection())('detection.md: %s', (figure) =>
    expect(page('detection.md')).toContain(figure),
  );

  test('mqtt.md names every event type, device state and degraded reason', () => {
    const text = page('mqtt.md');
    for (const word of [...eventTypes, ...deviceStates, ...Object.keys(degradedReasons)])
      expect(text).toContain(`\`${word}\``);
  });

  test('mqtt.md has the text and remedy of each reason that it explains', () => {
    const rows = [...page('mqtt.md').matchAll(/^\| `(\w+)` \| (.*) \| (.*) \|$/gm)];
    const explained = rows.filter(([, code = '']) => code in degradedReasons);
    expect(explained.length).toBeGreaterThan(10);
    for (const [, code, text, remedy] of explained)
      expect([text, remedy]).toEqual(degradedReasons[code as keyof typeof degradedReasons]);
  });

  test('control.md has every verb with its arguments', () => {
    const rows = page('control.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    for (const verb of verbs) {
      const row = rows.find((line) => line.split('|')[1]?.includes(`\`${verb}\``)) ?? '';
      expect(row, verb).not.toBe('');
      if (row.includes('not_available')) continue;
      for (const name of Object.keys(verbArguments[verb])) {
        const isCursor = verb === 'evidence' && (name === 'after' || name === 'limit');
        if (!isCursor) expect(row, verb).toContain(`\`${name}\``);
      }
    }
  });
});
