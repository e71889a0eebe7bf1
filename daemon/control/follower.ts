import type { ControlConnection, ControlPeer } from './connection.ts';
import type { Feed, Followed } from './feed.ts';
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
 * Whoever may open this socket reads, and can ask for nothing else; what it says later ends it.
 */
export function createFollower(peer: ControlPeer, feed: Feed): ControlConnection {
  const splitter = createLineSplitter(maxLineBytes);
  let followed: Followed | undefined;
  let isOver = false;

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
      followed = feed.follow(peer.write, after === undefined ? undefined : String(after));
    }
    if (!followed) {
      refuse(id, verb === 'follow' ? enough : notHere);
      return;
    }
    const { lines, complete, last } = followed;
    peer.write(formatAnswer(id, { ok: true, data: { schema: 1, complete, last } }) + lines.join(''));
  }

  return {
    receive(chunk) {
      if (isOver) return;
      if (followed) {
        end();
        peer.end();
        return;
      }
      const { lines, overlong } = splitter.push(chunk);
      if (lines[0] !== undefined) take(lines[0]);
      else if (overlong) refuse(null, tooLong);
    },
    // It is not idle while it follows, however long nothing happens.
    waiting: () => (followed ? 1 : 0),
    closed: end,
  };
}
