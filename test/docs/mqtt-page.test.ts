import { expect, test } from 'vitest';
import { committedMqttPage, mqttPage } from './mqtt-page.ts';
import { topicUses } from './mqtt-topics.ts';

test('the tables of docs/mqtt.md are what `node build.mjs --docs` writes', () => {
  expect(mqttPage()).toBe(committedMqttPage());
});

test('a table without a place, with two, or a place without a table is no page', () => {
  const page = committedMqttPage();
  const place = '<!-- generated:info -->\n<!-- /generated -->\n';
  expect(() => mqttPage(page.replace('generated:info', 'generated:information'))).toThrow('"information"');
  expect(() => mqttPage(page.replace('<!-- generated:info -->', ''))).toThrow('should for');
  expect(() => mqttPage(`${page}${place}`)).toThrow('should for');
});

test('what a session does on its topics is what a consumer needs: no event is retained, and no retained request obeyed', () => {
  const uses = topicUses();
  expect(uses.get('event')).toMatchObject({ isOurs: true, isRetained: false, qos: [1] });
  expect(uses.get('request')).toMatchObject({ isOurs: false, isRetained: false });
  expect(uses.get('availability')).toMatchObject({ isOurs: true, isRetained: true, qos: [1] });
});
