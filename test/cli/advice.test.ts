import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { helpText } from '../../daemon/cli/commands.ts';

test('what a text tells people to type is there to be typed', () => {
  const root = join(import.meta.dirname, '../../daemon');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const typed = files.flatMap((path) => [
    ...readFileSync(join(root, path), 'utf8').matchAll(/"postern ([a-z][a-z-]*)([^"\n]*)"/g),
  ]);
  const help = helpText();
  expect(typed.length).toBeGreaterThan(10);
  for (const [text, verb, rest = ''] of typed) {
    expect(help, text).toContain(`\n  ${verb}`);
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help, text).toContain(option);
  }
});
