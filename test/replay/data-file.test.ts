import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packProviders } from '../../daemon/detection/provider-pack.ts';
import { packDataFile } from '../../daemon/system/data-file.ts';
import { providerList } from '../detection/provider-data.ts';
import { flow, servers } from './judge-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-data-'));
const program = join(folder, 'cli.cjs');
const log = join(folder, 'flows.jsonl');
const dataFile = join(folder, 'postern-data.bin');
const whole = packDataFile({ providers: packProviders(providerList) });

beforeAll(async () => {
  const target = { bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  await build({ ...target, entryPoints: ['daemon/cli.ts'], outfile: program, logLevel: 'error' });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Which connection to these servers on port 25 restricts the device, by the program with that data file beside it. */
async function restrictedAt(data: Uint8Array | undefined, destinations: readonly string[]): Promise<unknown> {
  rmSync(dataFile, { force: true });
  if (data) writeFileSync(dataFile, data);
  const flows = destinations.map((dst, index) => {
    const { tsS, durationS, out, back, ...rest } = flow(index, dst);
    const sent = { pkts_out: out?.packets, bytes_out: out?.bytes };
    const received = { pkts_in: back?.packets, bytes_in: back?.bytes };
    return JSON.stringify({ ts: tsS, dur: durationS, ...rest, ...sent, ...received });
  });
  writeFileSync(log, flows.join('\n'));
  const out = await new Promise<string>((resolve) => {
    execFile(process.execPath, [program, 'replay', '--json', log], (_, text) => resolve(text));
  });
  const { devices } = JSON.parse(out) as { devices: { restrict: { connection: number } | null }[] };
  return devices[0]?.restrict?.connection;
}

/** Exchangers of one provider, in one /16. */
const exchangers = Array.from({ length: 6 }, (_, index) => `142.250.${10 + index}.26`);

describe('the data file beside the program', () => {
  test('with it a bot that mails one provider only is restricted by connection 4', async () => {
    expect(await restrictedAt(whole, exchangers)).toBe(2);
  });

  test('without it, or where it is damaged, that provider is a network as any other', async () => {
    expect(await restrictedAt(undefined, exchangers)).toBeUndefined();
    const damaged = Uint8Array.from(whole, (byte, at) => (at === whole.length - 9 ? byte ^ 1 : byte));
    expect(await restrictedAt(damaged, exchangers)).toBeUndefined();
  });

  test.each([
    ['with it', whole],
    ['without it', undefined],
  ])('%s a bot that spreads is restricted by its second server', async (_, data) => {
    expect(await restrictedAt(data, servers)).toBe(2);
  });
});
