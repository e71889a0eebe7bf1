import type { ControlConnection, ControlPeer } from './connection.ts';
import { type Feed, type Followed, keptEvents } from './feed.ts';
import { maxReports, parseHookReport } from './hook-report.ts';
import { createLineSplitter } from './line-splitter.ts';
import {
  formatAnswer,
  maxLineBytes,
  parseRequest,
  type RequestId,
  requestError,
  tooLong,
} from './protocol.ts';
import type { RequestError } from './request.ts';

const notHere = requestError('not_allowed', 'Only "follow" is answered here', 'Ask at postern.sock.');
const enough = requestError('too_many', 'Two programs follow already', 'Stop one of them.');

/**
 * One client of the socket for events: its first line asks to `follow`, the answer is followed by a line for each event.
 * Whoever may open this socket reads, and can ask for nothing else. What it says later are reports of hooks, so many for each
 * event that it got; anything else ends it.
 */
export function createFollower(peer: ControlPeer, feed: Feed): ControlConnection {
  const splitter = createLineSplitter(maxLineBytes);
  let followed: Followed | undefined;
  let isOver = false;
  /** Reports that it may still send. Bound: those of all the events that are kept. */
  let mayReport = 0;

  function hand(line: string, events = 1): void {
    mayReport = Math.min(mayReport + events * maxReports, keptEvents * maxReports);
    peer.write(line);
  }

  function end(): void {
    followed?.leave();
    followed = undefined;
    isOver = true;
  }

  function refuse(id: RequestId, error: RequestError): void {
    peer.write(formatAnswer(id, { ok: false, error }));
    end();
    peer.end();
  }

  function take(line: string): void {
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      refuse(parsed.id, parsed.error);
      return;
    }
    const { id, do: verb, args } = parsed.request;
    if (verb === 'follow') {
      const { after } = args;
      followed = feed.follow(hand, after === undefined ? undefined : String(after));
    }
    if (!followed) {
      refuse(id, verb === 'follow' ? enough : notHere);
      return;
    }
    const { lines, complete, last } = followed;
    hand(formatAnswer(id, { ok: true, data: { schema: 1, complete, last } }) + lines.join(''), lines.length);
  }

  function takeReport(line: string): void {
    const report = parseHookReport(line);
    if (report && mayReport-- > 0) followed?.report(report);
    else leave();
  }

  function leave(): void {
    end();
    peer.end();
  }

  return {
    receive(chunk) {
      if (isOver) return;
      const { lines, overlong } = splitter.push(chunk);
      for (const line of lines) {
        if (isOver) return;
        if (followed) takeReport(line);
        else take(line);
      }
      if (!overlong || isOver) return;
      if (followed) leave();
      else refuse(null, tooLong);
    },
    // It is not idle while it follows, however long nothing happens.
    waiting: () => (followed ? 1 : 0),
    closed: end,
  };
}
