import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NftPort, NftResult } from '../enforcement/nft-port.ts';
import { run } from './process.ts';

const timeoutMs = 10_000;
const maxErrorBytes = 8192;
/** Linux takes 128 KiB as one argument, its closing zero included. */
const maxArgument = 131_071;

/**
 * Runs the system's nft. Rulesets go as an argument: `nft -f -` opens /dev/stdin, which fails on the sockets that
 * Node makes of pipes. What is too long for an argument goes through a file in `runDir`, readable by us alone.
 */
export function systemNft(runDir: string, program = 'nft'): NftPort {
  let files = 0;
  return {
    async apply(json) {
      if (json.length < maxArgument) return runNft(program, [json], maxErrorBytes);
      const file = join(runDir, `ruleset-${process.pid}-${files++}.json`);
      try {
        writeFileSync(file, json, { mode: 0o600, flag: 'wx' });
        return await runNft(program, ['-f', file], maxErrorBytes);
      } catch (error) {
        return { code: -1, stdout: '', stderr: String(error) };
      } finally {
        unlinkQuietly(file);
      }
    },
    list: (args, maxBytes) => runNft(program, args, maxBytes),
  };
}

async function runNft(program: string, args: readonly string[], maxOutputBytes: number): Promise<NftResult> {
  const { code, stdout, stderr, timedOut, truncated } = await run([program, '-j', ...args], {
    timeoutMs,
    maxOutputBytes,
  });
  const reason = timedOut ? `nft took more than ${timeoutMs} ms` : `nft ended with code ${code}`;
  return {
    code,
    stdout: truncated ? '' : stdout,
    stderr: code === 0 || stderr !== '' ? stderr : reason,
    ...(truncated && { isTooLong: true }),
  };
}

function unlinkQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It could not be written in the first place; the run's result says so.
  }
}
