import { expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { runChaos } from './chaos.ts';
import { faultsOf } from './verdict.ts';

describeLab('a minute of chaos', () => {
  test('loses none of the laptop’s mails, no ban, and leaves nothing behind', async () => {
    const result = await runChaos({ minutes: 1, seed: 7, say: () => undefined });
    console.log(JSON.stringify(result));
    expect(faultsOf(result)).toEqual([]);
    expect(Object.values(result.made).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(8);
    expect(result.laptop.attempts).toBeGreaterThan(55);
  });
});
