import { describe, expect, test } from 'vitest';
import type { Bystanders } from './bystanders.ts';
import { type Act, type Figures, faultsOf, sideBySide } from './verdict.ts';

const others: Bystanders = {
  cameraBytes: 2e6,
  tvBytes: 16e6,
  interrupted: [],
  mailsSent: 8,
  mailsFailed: 0,
};
const unguarded: Act = { seconds: 8, attempts: 512, refused: 0, messages: 512, others, startedAtMs: 0 };
const guarded: Act = { ...unguarded, attempts: 7038, refused: 7030, messages: 0 };
const named = {
  device: 'ec71db5e1001' as NonNullable<NonNullable<Figures['finding']>['device']>,
  name: 'reolink-e1 (Reolink Innovation, 5e:10:01)',
  address: '192.168.1.20',
};
const told: Figures = {
  unguarded,
  guarded,
  culprit: { device: 'ec71db5e1001', name: 'reolink-e1', address: '192.168.1.20' },
  finding: { ...named, vendor: 'Reolink Innovation' },
  othersHeld: [],
  released: 'allowed',
  others,
};

describe('the verdict of the demo', () => {
  test('a story that held has no faults', () => {
    expect(faultsOf(told)).toEqual([]);
    expect(faultsOf({ ...told, guarded: { ...guarded, messages: 2 } })).toEqual([]);
  });

  test.each<[string, Partial<Figures>]>([
    ['delivered 3 messages', { guarded: { ...guarded, messages: 3 } }],
    ['delivered only 0 messages', { unguarded: { ...unguarded, messages: 0 } }],
    ['no alert', { finding: undefined }],
    ['did not name the maker', { finding: named }],
    ['named the address', { finding: { ...told.finding, address: '192.168.1.21' } }],
    ['named it', { finding: { ...told.finding, name: 'tv' } }],
    ['also held tv (blocked)', { othersHeld: ['tv (blocked)'] }],
    ["TV's download stood still", { guarded: { ...guarded, others: { ...others, tvBytes: 0 } } }],
    ['broke off', { others: { ...others, interrupted: ["the tv's download broke off: ECONNRESET"] } }],
    ["1 of the laptop's mails failed", { others: { ...others, mailsFailed: 1 } }],
    ['the laptop sent no mail', { guarded: { ...guarded, others: { ...others, mailsSent: 0 } } }],
    ['the camera is blocked', { released: 'blocked' }],
  ])('"%s" is a fault', (fault, change) => {
    const faults = faultsOf({ ...told, ...change });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  test('shows both acts side by side', () => {
    const [, spam, tried] = sideBySide(unguarded, guarded);
    expect(spam).toMatch(/^spam messages\D+512 +0$/);
    expect(tried).toMatch(/512 +7038$/);
  });
});
