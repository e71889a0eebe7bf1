import { expect, test } from 'vitest';
import { explainStep } from '../../daemon/detection/explain.ts';
import { markDelivered } from '../../daemon/detection/known.ts';
import { observe, observeOutcome } from '../../daemon/detection/observe.ts';
import { emptyProfile } from '../../daemon/detection/profile.ts';
import { thresholdsOf } from '../../daemon/detection/thresholds.ts';
import { contactOf } from './trace.ts';

const thresholds = thresholdsOf('normal');

test('a device in its own words, step by step', () => {
  const profile = emptyProfile(0);
  const say = (text: string, port: 25 | 587) => {
    const seen = contactOf(text);
    const step = observe(profile, seen, 'iot', 0);
    const line = explainStep(step, { address: seen.address, port, noun: 'camera', thresholds });
    return { step, line };
  };
  expect(say('S 198.51.100.1', 587).line).toBe(
    'new mail server 198.51.100.1:587, first time for this camera, +0.5 (0.5 of 4.6)',
  );
  markDelivered(profile, '198.51.0.0/16', 'S', 'iot', 0);
  expect(say('S 198.51.100.1', 587).line).toBe(
    '198.51.100.1:587, a relay this camera is known to use, -2.5 (0.0 of 4.6)',
  );
  const first = say('M 203.0.113.9', 25);
  expect(first.line).toBe('new mail server 203.0.113.9:25, first time for this camera, +3.6 (3.6 of 4.6)');
  expect(say('M 203.0.113.9', 25).line).toBe('mail server 203.0.113.9:25 again, +0.0 (3.6 of 4.6)');
  expect(say('M 2a00:1450::1a', 25).line).toBe(
    'new mail server [2a00:1450::1a]:25, first time for this camera, +3.6 (7.2 of 4.6)',
  );
  expect(say('M 2a00:1450::1b', 25).line).toBe(
    'another mail server of google, [2a00:1450::1b]:25, +3.3 (10.5 of 9.2)',
  );
  say('M 192.0.2.1', 25);
  expect(say('M 203.0.113.9', 25).line).toBe(
    'mail server 203.0.113.9:25 again, one of 3 strange ones in a day, +3.3 (17.4 of 9.2)',
  );
  const end = observeOutcome(profile, first.step, 'short', 'iot', 0);
  expect(explainStep(end, { address: '203.0.113.9', port: 25, noun: 'camera', thresholds })).toBe(
    'no message went through 203.0.113.9:25, +0.7 (18.1 of 9.2)',
  );
});
