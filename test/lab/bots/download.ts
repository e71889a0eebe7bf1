import { get } from 'node:http';

/** Arguments of a web download. */
export interface DownloadArgs {
  readonly host: string;
  readonly bytes: number;
  /** Bytes a second that the server gives; as many as possible unless given. */
  readonly bytesPerS?: number;
  readonly durationS: number;
}

/** What a download did so far. */
export interface DownloadStats {
  bytesReceived: number;
  /** All bytes arrived. */
  complete: boolean;
  /** It broke off; `error` says how. */
  interrupted: boolean;
  error: string;
  /** The longest time without a byte. */
  longestGapMs: number;
  done: boolean;
}

/** Fresh statistics. */
export function newDownloadStats(): DownloadStats {
  return { bytesReceived: 0, complete: false, interrupted: false, error: '', longestGapMs: 0, done: false };
}

/** Fetches `bytes` bytes from the lab's web server; resolves when it has them, or when it broke off. */
export function runDownload(args: DownloadArgs, stats: DownloadStats): Promise<void> {
  const rate = args.bytesPerS === undefined ? '' : `?rate=${args.bytesPerS}`;
  return new Promise((resolve) => {
    const breakOff = (why: string) => {
      stats.interrupted = !stats.complete;
      stats.error ||= stats.complete ? '' : why;
      resolve();
    };
    get({ host: args.host, path: `/bytes/${args.bytes}${rate}` }, (response) => {
      let lastAt = performance.now();
      response.on('data', (chunk: Buffer) => {
        stats.bytesReceived += chunk.length;
        stats.longestGapMs = Math.max(stats.longestGapMs, Math.round(performance.now() - lastAt));
        lastAt = performance.now();
      });
      response.on('error', (error: NodeJS.ErrnoException) => breakOff(error.code ?? error.message));
      response.on('close', () => {
        stats.complete = stats.bytesReceived === args.bytes;
        breakOff('closed');
      });
    }).on('error', (error: NodeJS.ErrnoException) => breakOff(error.code ?? error.message));
  });
}
