import type { NftPort, NftResult } from '../enforcement/nft-port.ts';
import { type RunResult, run } from './process.ts';
import { startAhead, type WaitingChild } from './start-ahead.ts';

const timeoutMs = 10_000;
const maxErrorBytes = 8192;
/** After the first transaction, which belongs to the start, the next nft is not yet started. */
const startMs = 1000;

/** The system's nft, and one of it that waits. */
export interface SystemNft extends NftPort {
  /** Ends the one that waits. */
  close(): void;
}

/**
 * Runs the system's nft. Starting a program costs half of what a ban takes: so one nft is always started ahead and
 * waits for its transaction. Where the one that waits is still being replaced, the new one is waited for.
 */
export function systemNft(program = 'nft'): SystemNft {
  let waiting: WaitingChild | undefined;
  let isFirst = true;
  let isClosed = false;
  const ahead = () => startAhead([program, '-j', '-f', '-']);
  const prepare = () => {
    if (!isClosed) waiting ??= ahead();
  };
  return {
    async apply(json) {
      const child = waiting?.isAlive() ? waiting : ahead();
      waiting = undefined;
      const result = resultOf(await child.feed(json, { timeoutMs, maxOutputBytes: maxErrorBytes }));
      if (isFirst) setTimeout(prepare, startMs).unref();
      else prepare();
      isFirst = false;
      return result;
    },
    async list(args, maxOutputBytes) {
      return resultOf(await run([program, '-j', ...args], { timeoutMs, maxOutputBytes }));
    },
    close() {
      isClosed = true;
      waiting?.stop();
    },
  };
}

function resultOf({ code, stdout, stderr, timedOut, truncated }: RunResult): NftResult {
  const reason = timedOut ? `nft took more than ${timeoutMs} ms` : `nft ended with code ${code}`;
  return {
    code,
    stdout: truncated ? '' : stdout,
    stderr: code === 0 || stderr !== '' ? stderr : reason,
    ...(truncated && { isTooLong: true }),
  };
}
