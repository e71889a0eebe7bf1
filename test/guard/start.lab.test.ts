import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { bundle, flags, labConfig, startGuard } from './guard.ts';

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

  test('a reload that is asked for while it starts does not end it, and is done then', async () => {
    const dir = join(lab.dir, 'early');
    const configPath = join(dir, 'config.json');
    for (const name of ['run', 'data']) mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(configPath, JSON.stringify(labConfig(lab, dir, {})));
    const daemon = lab.spawn('router', ['node', ...flags, bundle, 'run', '--config', configPath]);
    await expect
      .poll(() => existsSync(join(dir, 'run', 'postern.sock')), { timeout: 20_000, interval: 5 })
      .toBe(true);
    expect(daemon.lines.filter((line) => line.includes('guards'))).toEqual([]);
    await daemon.kill('SIGHUP');
    await daemon.waitForLine(/configuration reloaded/, 20_000);
    await daemon.stop();
  });
});
