import { expect, test } from 'vitest';
import { formatPrefix } from '../../daemon/address/prefix.ts';
import { parseRelayRule } from '../../daemon/config/relay-rule.ts';

test.each([
  ['smtp.example.org:587', 'smtp.example.org', 587],
  ['192.0.2.7:25', '192.0.2.7', 25],
  ['192.0.2.7/24:25', '192.0.2.0/24', 25],
  ['[2001:db8::1]:587', '2001:db8::1', 587],
  ['[2001:db8::/32]:465', '2001:db8::/32', 465],
  ['xn--bcher-kva.example:2525', 'xn--bcher-kva.example', 2525],
])('%s', (text, target, port) => {
  const rule = parseRelayRule(text);
  expect(rule?.host ?? (rule?.prefix && formatPrefix(rule.prefix))).toBe(target);
  expect(rule?.port).toBe(port);
});

test.each([
  'smtp.example.org',
  'smtp.example.org:',
  'smtp.example.org:993',
  ':25',
  '2001:db8::1:25',
  '[192.0.2.1]:25',
  '[smtp.example.org]:25',
  '192.0.2.256:25',
  '192.0.2.0/33:25',
  '0.0.0.0/0:25',
  '[::/0]:25',
  'relay:25',
  '-a.example.org:25',
  'a..example.org:25',
  'a.example.org/24:25',
  'a b.example.org:25',
  `${'a'.repeat(64)}.example.org:25`,
])('%s is none', (text) => {
  expect(parseRelayRule(text)).toBeUndefined();
});
