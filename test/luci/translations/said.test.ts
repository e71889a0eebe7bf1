import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceClasses } from '../../../daemon/config/config.ts';
import { degradedReasons } from '../../../daemon/engine/degraded.ts';
import { remediesFor } from '../../../daemon/engine/remedies.ts';
import { hostnameHints, vendorHints } from '../../../daemon/identity/class-hints.ts';
import { saidModule } from '../../../openwrt-package/build/said.ts';
import { templateOf } from '../../../openwrt-package/build/translations.ts';
import { baseclass, pageModule } from '../settings/page-module.ts';

const folder = 'openwrt-package/luci-app-postern';
const resources = `${folder}/htdocs/luci-static/resources`;
const catalogue = new Set(templateOf(folder).map(({ id }) => id));
const missing = (texts: readonly string[]) => texts.filter((text) => !catalogue.has(text));

test('the module has the sentences as they are now', () => {
  const there = readFileSync(`${resources}/postern/said.js`, 'utf8');
  expect(there === saidModule('.'), 'run node build.mjs --docs').toBe(true);
});

test('the pages look nothing up but what is written in them, in the schema, or is one of these sentences', () => {
  const scripts = readdirSync(resources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.endsWith('postern/options.js'))
    .sort();
  expect(scripts.length).toBeGreaterThan(15);
  const found = scripts.flatMap((name) =>
    [...readFileSync(join(resources, name), 'utf8').matchAll(/(?<![\w.$])_\((?!\s*['"])([^)]*)/g)].map(
      ([, text]) => `${name}: ${text}`,
    ),
  );
  expect(found).toEqual([
    'postern/fields.js: facts.help',
    'postern/fields.js: facts.default',
    'postern/fields.js: remedy',
    'postern/said.js: text',
    'view/postern/settings.js: problem.remedy',
    // Of `overview`, in which no device is named.
    'view/status/include/60_postern.js: now.error.message',
  ]);
});

describe('what is answered is in the catalogue', () => {
  test('the health of the guard', () => {
    expect(missing(Object.values(degradedReasons).flat())).toEqual([]);
  });

  test('what to do about any device', () => {
    const hints = [...vendorHints, ...hostnameHints];
    const all = [
      ...deviceClasses.flatMap((kind) => remediesFor(kind, 'device')),
      ...hints.flatMap(({ class: kind, noun }) => remediesFor(kind, noun)),
    ];
    expect(missing([...new Set(all)])).toEqual([]);
  });

  const call = /\b(?:fail|failure)\(\s*'[a-z_]+',((?:\s|`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|[^`';])*?)\);/g;
  const literal = /`(?:[^`\\]|\\.)*`|'((?:[^'\\\n]|\\.)*)'/g;
  const refusals = (file: string) =>
    [...readFileSync(file, 'utf8').matchAll(call)].flatMap(([, args = '']) =>
      [...args.matchAll(literal)]
        .map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
        .filter((text) => /^["A-Z]/.test(text)),
    );

  test('why the plugin of rpcd has no answer', () => {
    const said = refusals(`${folder}/root/usr/share/rpcd/ucode/postern.uc`);
    expect(said.length).toBeGreaterThan(20);
    expect(missing(said)).toEqual([]);
  });

  test('what the daemon refuses over its socket', () => {
    const said = readdirSync('daemon', { recursive: true, encoding: 'utf8' })
      .filter((name) => /^main-|^engine\/|^history\//.test(name) && name.endsWith('.ts'))
      // What is refused over MQTT, and a verb that LuCI does not offer.
      .filter((name) => !['engine/on-remote-request.ts', 'main-broker.ts', 'main-replay.ts'].includes(name))
      .flatMap((name) => refusals(join('daemon', name)));
    expect(said.length).toBeGreaterThan(25);
    const notOffered = ['Events are not given here', 'Follow them at events/postern.sock.'];
    expect(missing(said)).toEqual(notOffered);
  });
});

test('what is not one of them is never looked up, whatever a device called itself', () => {
  const looked: string[] = [];
  const _ = (text: string) => {
    looked.push(text);
    return `<${text}>`;
  };
  const said = pageModule<{ of(text: unknown): unknown }>('postern/said', { baseclass, _ });
  expect(said.of('Update its firmware or software.')).toBe('<Update its firmware or software.>');
  looked.length = 0;
  for (const text of ['Close port forward 8080 (x) to it', '__proto__', 'constructor', '', undefined])
    expect(said.of(text)).toBe(text);
  expect(looked).toEqual([]);
});
