import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { ask } from './ask.ts';
import { freshGuard } from './bots.ts';
import type { Guard } from './guard.ts';

let lab: Lab;
let guard: Guard;

describeLab('the router itself', () => {
  beforeAll(async () => {
    lab = await startLab();
    guard = await freshGuard(lab);
  });
  afterAll(() => lab.stop());

  test('is told when it sends spam, and not refused', async () => {
    const bot = await lab.actor('router', 'direct-mx-bot', {
      ...{ targets: lab.addresses.spread4, durationS: 3, ratePerS: 10, from: 'router@bot.example' },
    });
    const { accepted, errors } = await bot.done;
    const { incidents } = await ask(guard, 'incidents');
    expect(incidents.map(({ device }) => device)).toEqual(['router']);
    expect(incidents[0]?.steps.map(({ type }) => type)).toEqual(['opened', 'told']);
    expect(incidents[0]?.steps.at(-1)?.text).toContain('It is the router itself');
    expect(errors).toEqual({});
    expect(accepted).toBeGreaterThan(20);
    await guard.stop();
  });
});
