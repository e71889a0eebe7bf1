import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPo, type PoEntry, parsePo } from './po.ts';
import { saidSentences } from './said.ts';
import { sentences } from './settings-check.ts';
import { type Text, textsIn } from './texts-in.ts';

/** The template of all translations: every text of the pages, menus, rights, of the schema of the options, and what is answered. */
export function templateOf(packageFolder: string): PoEntry[] {
  const found = new Map<string, PoEntry & { references: string[] }>();
  const add = (text: Text, reference: string) => {
    const key = keyOf(text);
    const known = found.get(key);
    if (known === undefined) {
      const texts = text.plural === undefined ? [''] : ['', ''];
      found.set(key, { ...text, texts, references: [reference] });
    } else if (!known.references.includes(reference)) known.references.push(reference);
  };
  for (const file of filesOf(packageFolder, 'htdocs', '.js')) {
    // The schema's sentences come below, from where they are written.
    if (file.endsWith('/postern/options.js')) continue;
    for (const text of textsIn(readFileSync(join(packageFolder, file), 'utf8'))) add(text, file);
  }
  for (const file of filesOf(packageFolder, 'root', '.json')) {
    const json: object = JSON.parse(readFileSync(join(packageFolder, file), 'utf8'));
    for (const { title, description } of Object.values(json))
      for (const id of [title, description]) if (typeof id === 'string') add({ id }, file);
  }
  for (const id of sentences()) add({ id }, '../../daemon/config/schema.ts');
  for (const [id, file] of saidSentences(join(packageFolder, '../..'))) add({ id }, `../../${file}`);
  return [{ id: '', texts: ['Content-Type: text/plain; charset=UTF-8'], references: [] }, ...found.values()];
}

/** A catalogue brought up to the template: what is translated stays, what is new has an empty text, what is gone goes. */
export function broughtUp(catalogue: readonly PoEntry[], template: readonly PoEntry[]): PoEntry[] {
  const known = new Map(catalogue.map((entry) => [keyOf(entry), entry]));
  const forms = pluralsOf(catalogue);
  return template.map((entry) => {
    const texts = known.get(keyOf(entry))?.texts;
    const empty = Array<string>(entry.plural === undefined ? 1 : forms).fill('');
    return { ...entry, texts: texts ?? empty };
  });
}

/** What has no translation yet. */
export function missingIn(catalogue: readonly PoEntry[]): string[] {
  const forms = pluralsOf(catalogue);
  return catalogue
    .filter(({ plural, texts }) => texts.filter(Boolean).length < (plural === undefined ? 1 : forms))
    .map(({ id }) => id);
}

/** Files to write, by their paths in the package: the template and each language's catalogue. */
export function translationFiles(packageFolder: string): Map<string, string> {
  const template = templateOf(packageFolder);
  const files = new Map([['po/templates/postern.pot', formatPo(template)]]);
  for (const path of filesOf(packageFolder, 'po', '.po')) {
    const catalogue = parsePo(readFileSync(join(packageFolder, path), 'utf8'));
    files.set(path, formatPo(broughtUp(catalogue, template)));
  }
  return files;
}

function pluralsOf(catalogue: readonly PoEntry[]): number {
  const header = catalogue.find(({ id }) => id === '')?.texts[0] ?? '';
  return Number(/nplurals=(\d)/.exec(header)?.[1] ?? 2);
}

const keyOf = ({ context = '', id }: { readonly context?: string; readonly id: string }) =>
  `${context}\x01${id}`;

function filesOf(packageFolder: string, folder: string, end: string): string[] {
  return readdirSync(join(packageFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`)
    .sort();
}
