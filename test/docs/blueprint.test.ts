import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { outboxLimits } from '../../daemon/mqtt/outbox.ts';
import { eventTypes } from '../../daemon/policy/incident.ts';

/** What Home Assistant does with an automation, as it was seen to (docs/tested.md); the blueprint is read as its lines are. */
const blueprint = readFileSync(
  new URL('../../docs/home-assistant/postern_alert.yaml', import.meta.url),
  'utf8',
);

/** The text of each top-level key. */
const sections = Object.fromEntries(
  blueprint.split(/^(?=[a-z])/m).map((part) => [/^\w+/.exec(part)?.[0] ?? '', part]),
);
const section = (name: string) => sections[name] ?? '';
/** `key: "template"` or `key: word`, wherever it stands; the dash of a list counts for nothing. */
const options = [...blueprint.matchAll(/^\s*(?:- )?(\w+): (?:"(.*)"|(\S.*))$/gm)].map(
  ([, key = '', quoted, plain]) => [key, quoted ?? plain ?? ''] as const,
);
const all = (key: string) => options.filter(([name]) => name === key).map(([, value]) => value);

test('variables of the automation use no context: it is there only once the actions run', () => {
  expect(section('variables')).toContain('trigger.to_state');
  expect(section('variables')).not.toMatch(/\bcontext\b/);
});

test('an event does not wait until the last one is answered, nor is it lost while many wait', () => {
  expect(section('actions')).toContain('wait_for_trigger');
  expect(section('mode').trim()).toBe('mode: parallel');
  expect(section('max').trim()).toBe(`max: ${outboxLimits.events}`);
});

test('the last event, shown again after Postern, the broker or Home Assistant was away, is no alert', () => {
  expect(section('triggers')).toMatch(/^ +not_from: \[unavailable\]$/m);
  // The first event of all comes from "unknown".
  expect(section('triggers')).not.toMatch(/not_from: .*unknown/);
});

test('that the entity is taken away is neither an alert nor a warning in the log', () => {
  expect(section('variables')).toContain('trigger.to_state.attributes if trigger.to_state else {}');
});

test('an event that the broker delivers twice is one alert', () => {
  expect(section('conditions')).toMatch(
    /from_state is not none and .*from_state\.attributes\.get\('id'\) != event\.id/,
  );
});

test('no text of an event becomes a number, a list or nothing: a whole template that looks like one does', () => {
  // A key of twelve digits, a device that calls itself None.
  for (const key of ['device', 'node', 'name', 'text', 'address']) expect(all(key)).toSatisfy(areNoTemplates);
  const texts = all('title').filter((title) => title.includes('{{'));
  expect(texts).toHaveLength(1);
  for (const title of texts) expect(title).toMatch(/^[A-Za-z]+/);
  expect(section('actions')).toContain("'device': event.device");
});

const areNoTemplates = (values: readonly string[]) => values.every((value) => !value.includes('{{'));

test('every type of event can be chosen; what is told as one instead of one by one reaches the phone, and how a repair went', () => {
  const words = (text = '') => text.match(/\w+/g) ?? [];
  const [chosen, offered] = [/default:\s+\[((?:\s*\w+,?){2,}\s*)\]/, /options:\s+\[([^\]]*)\]/].map((form) =>
    words(form.exec(blueprint)?.[1]),
  );
  expect(offered).toEqual(eventTypes);
  expect(chosen).toEqual(
    expect.arrayContaining(['blocked', 'restricted', 'summary', 'clean', 'tried_again', 'test']),
  );
  for (const type of chosen ?? []) expect(offered).toContain(type);
});

test('brackets and quotes of every template are closed', () => {
  const templates = options.map(([, value]) => value).filter((value) => value.includes('{{'));
  expect(templates.length).toBeGreaterThan(10);
  for (const template of templates) {
    const count = (what: string) => template.split(what).length - 1;
    expect(count('{{'), template).toBe(count('}}'));
    expect(count('('), template).toBe(count(')'));
    expect(count('['), template).toBe(count(']'));
    expect(count("'") % 2, template).toBe(0);
  }
});
