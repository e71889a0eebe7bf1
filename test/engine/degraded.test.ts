import { expect, test } from 'vitest';
import { type DegradedReason, degradedReasons } from '../../daemon/engine/degraded.ts';
import type { StatusDocument } from '../../daemon/engine/documents.ts';
import { world } from './world.ts';

test('each reason is said in a sentence that can be translated, and its detail apart', () => {
  for (const [reason, [text, remedy]] of Object.entries(degradedReasons)) {
    const home = world();
    home.give({ type: 'condition', reason: reason as DegradedReason, on: true, detail: 'kept as <b>' });
    const asked = home.ask('status');
    const { degraded } = (asked.ok ? asked.data : {}) as StatusDocument;
    expect(degraded.find(({ code }) => code === reason)).toMatchObject({
      text,
      detail: 'kept as <b>',
      remedy,
    });
    home.give({ type: 'condition', reason: reason as DegradedReason, on: true });
    const again = home.ask('status');
    const entry = ((again.ok ? again.data : {}) as StatusDocument).degraded.find(
      ({ code }) => code === reason,
    );
    expect(entry).toMatchObject({ text, remedy });
    expect(entry).not.toHaveProperty('detail');
  }
});
