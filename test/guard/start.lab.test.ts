import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { startGuard } from './guard.ts';

describeLab('the start of the guard', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.stop());

  test('once it says that it guards, its listener does not start anew, where connections would be missed', async () => {
    const guard = await startGuard(lab, { main: { log_level: 'debug' } });
    await sleep(1500);
    expect(guard.process.lines.filter((line) => line.includes('resync'))).toEqual([]);
    expect(await lab.nft('list', 'table', 'inet', 'postern')).toContain('ct event set');
    await guard.stop();
  });
});
