import net from 'node:net';
import { type Backoff, delayMs } from '../conntrack/backoff.ts';
import { formatHookReport, type HookReport } from '../control/hook-report.ts';
import { createLineSplitter } from '../control/line-splitter.ts';
import { formatRequest, maxLineBytes, parseAnswer } from '../control/protocol.ts';
import { type HookEvent, parseHookEvent } from '../hooks/hook-event.ts';

/** What following tells. */
export interface EventHandlers {
  readonly event: (event: HookEvent) => void;
  /** The daemon is followed; `complete` is false where events are known to be missing. */
  readonly following: (complete: boolean) => void;
  /** It is not, for this reason, told once until it is followed again. */
  readonly trouble: (reason: string) => void;
}

const again: Backoff = { firstMs: 1000, longestMs: 15_000 };
/** The longest that an answer is waited for. */
const answerMs = 10_000;

/**
 * Follows the daemon's events until stopped, over its restarts. What came while it was away is made up for as far as the
 * daemon keeps it; at the start, what came before is only wanted where the daemon comes later than we.
 */
export function followEvents(path: string, handlers: EventHandlers): { readonly stop: () => void } {
  let socket: net.Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let after: string | undefined;
  let failures = 0;
  let isStopped = false;

  function connect(): void {
    const splitter = createLineSplitter(maxLineBytes);
    const absent = `nobody listens on ${path}`;
    let reason = absent;
    let isFollowing = false;
    const current = net.connect(path);
    socket = current;
    const fail = (why: string) => {
      reason = why;
      current.destroy();
    };
    const report = (ended: HookReport) => {
      if (current.writable) current.write(formatHookReport(ended));
    };
    current.setTimeout(answerMs, () => {
      if (!isFollowing) fail('the daemon does not answer');
    });
    current.on('connect', () => {
      reason = 'the daemon closed the connection';
      const args = after === undefined ? {} : { after };
      current.write(formatRequest({ id: 1, do: 'follow', args }));
    });
    current.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EACCES' || code === 'EPERM') reason = `no right to use ${path}`;
      else if (code !== 'ENOENT' && code !== 'ECONNREFUSED') reason = message;
    });
    current.on('data', (chunk: Buffer) => {
      const { lines, overlong } = splitter.push(chunk);
      for (const line of lines) {
        if (isFollowing) take(line, report);
        else {
          const answer = parseAnswer(line)?.answer;
          if (!answer?.ok) return fail(answer ? answer.error.message : 'the answer could not be read');
          isFollowing = true;
          failures = 0;
          const { complete, last } = (answer.data ?? {}) as { complete?: unknown; last?: unknown };
          after ??= typeof last === 'string' ? last : '';
          handlers.following(complete !== false);
        }
      }
      if (overlong) fail('an event could not be read');
    });
    current.on('close', () => {
      if (isStopped) return;
      failures++;
      // A daemon that starts after us has told nobody yet: all that it keeps is new.
      if (reason === absent) after ??= '';
      if (failures === 1) handlers.trouble(reason);
      timer = setTimeout(connect, delayMs(again, failures, Math.random()));
    });
  }

  function take(line: string, report: (ended: HookReport) => void): void {
    const event = parseHookEvent(line);
    if (!event) return;
    after = event.id;
    handlers.event(event.type === 'test' ? { ...event, report } : event);
  }

  connect();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}
