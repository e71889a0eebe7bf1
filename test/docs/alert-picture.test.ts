import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { remediesFor } from '../../daemon/engine/remedies.ts';
import { sentence } from '../../daemon/engine/words.ts';
import { alertPicture, alertShown, documentsShown } from './alert-picture.ts';
import { documentSchemas } from './document-schemas.ts';
import { faultsOf } from './schema-types.ts';

test('docs/alert.svg is what `node build.mjs --docs` writes of the event in docs/mqtt.md', () => {
  const committed = readFileSync(new URL('../../docs/alert.svg', import.meta.url), 'utf8');
  expect(committed).toBe(alertPicture(alertShown()));
});

test('the alert shown is what Postern says, word for word', () => {
  const { type, text, name = '', vendor, address, remedies } = alertShown();
  expect(remedies).toEqual(remediesFor('iot', 'camera'));
  expect(text).toBe(sentence(type, { device: { name, vendor, address }, durationMs: 3_600_000 }));
  const picture = alertPicture(alertShown());
  const words = [...picture.matchAll(/<text class="body"[^>]*>([^<]*)</g)].map(([, line = '']) => line);
  expect(words.join(' ')).toBe([text, ...(remedies ?? [])].join(' • '));
  expect(picture).toContain(`>Postern: ${name}</text>`);
  expect(picture).toContain('Release 10 min');
});

test('every document that docs/mqtt.md shows is as its schema says', () => {
  const shown = documentsShown() as readonly Record<string, unknown>[];
  const kinds = shown.map((one) => ('type' in one ? 'event' : 'device' in one ? 'device' : 'status'));
  expect(kinds).toEqual(['event', 'device', 'status']);
  for (const [index, kind] of kinds.entries())
    expect(faultsOf(documentSchemas[kind as keyof typeof documentSchemas], shown[index])).toEqual([]);
});

test('what a device calls itself is no markup in a picture', () => {
  const picture = alertPicture({ ...alertShown(), name: '<script>"&', text: '<b> & "' });
  expect(picture).not.toMatch(/<script|<b>|& /);
});
