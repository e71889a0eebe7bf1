import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOptions } from '../../daemon/config/describe-options.ts';
import { configurationPage } from './configuration-page.ts';

test('docs/configuration.md is what `node build.mjs --docs` writes', () => {
  const committed = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  expect(committed).toBe(configurationPage());
});

test('every option has a type and one line of help', () => {
  for (const { section, option, type, help } of describeOptions()) {
    expect(type, `${section}.${option}`).not.toBe('');
    expect(help, `${section}.${option}`).toMatch(/^[^\n]+\.$/);
  }
});
