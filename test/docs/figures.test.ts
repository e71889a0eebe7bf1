import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verbs } from '../../daemon/control/request.ts';
import { verbArguments } from '../../daemon/control/verb-arguments.ts';
import { figuresOfDetection, figuresOfLimits, figuresOfMqtt } from './figures.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the documents say what the code does', () => {
  test.each(figuresOfLimits())('limits.md: %s', (figure) => expect(page('limits.md')).toContain(figure));
  test.each(figuresOfDetection())('detection.md: %s', (figure) =>
    expect(page('detection.md')).toContain(figure),
  );

  test.each(figuresOfMqtt())('mqtt.md: %s', (figure) =>
    // Not toContain: that shows the whole page.
    expect(page('mqtt.md').replace(/\s+/g, ' ').includes(figure)).toBe(true),
  );

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
