import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { languages } from '../../../openwrt-package/build/package-description.ts';
import { parsePo } from '../../../openwrt-package/build/po.ts';
import { textsIn } from '../../../openwrt-package/build/texts-in.ts';
import { missingIn, translationFiles } from '../../../openwrt-package/build/translations.ts';

const folder = 'openwrt-package/luci-app-postern';
const made = translationFiles(folder);

test.each([...made.keys()])('%s is what the pages have now', (path) => {
  expect(readFileSync(join(folder, path), 'utf8') === made.get(path), 'run node build.mjs --docs').toBe(true);
});

test('LuCI folds spaces in what it looks up, so no text has any to fold', () => {
  for (const { id } of parsePo(made.get('po/templates/postern.pot') ?? ''))
    expect(id).toBe(id.trim().replaceAll(/\s+/g, ' '));
});

describe.each(Object.keys(languages))('%s', (language) => {
  const catalogue = parsePo(made.get(`po/${language}/postern.po`) ?? '');

  test('is whole', () => {
    expect(missingIn(catalogue)).toEqual([]);
  });

  test('has the placeholders of each text, in its order: LuCI fills them as they come', () => {
    const placeholders = (text: string) => (text.match(/%[\w%]/g) ?? []).join();
    for (const { id, plural, texts } of catalogue) {
      const allowed = [placeholders(id), placeholders(plural ?? id)];
      for (const text of texts.filter(Boolean)) expect(allowed, id).toContain(placeholders(text));
    }
  });
});

test('texts are found in every form that LuCI has', () => {
  const script = String.raw`_('a \'b\''); _("c" + 'd', 'context'); N_(x.length, '%d e', '%d es'); s._('no'); o_('no'); _(variable);`;
  expect(textsIn(script)).toEqual([
    { id: "a 'b'" },
    { id: 'cd', context: 'context' },
    { id: '%d e', plural: '%d es' },
  ]);
});
