import { parseLasting } from '../control/arguments.ts';
import type { Answer, Request } from '../control/request.ts';
import { type Hold, isStronger } from '../policy/ban.ts';
import { answerRequest, fail } from './on-request.ts';
import type { Turn } from './state.ts';
import { findDevice } from './who.ts';

const hourMs = 3_600_000;
/** The longest that anything asked for over MQTT lasts, by `mqtt.commands`. */
const longestMs = { off: 0, safe: hourMs, all: 24 * hourMs } as const;
/** Devices that may be held over MQTT at once where commands are `safe`. */
export const remoteHolds = 3;

const holdOf: Readonly<Partial<Record<Request['do'], Hold>>> = {
  slow: 'slowed',
  restrict: 'restricted',
  block: 'blocked',
};
/** What lasts, and therefore always ends by itself. */
const lasting: ReadonlySet<Request['do']> = new Set([
  'slow',
  'restrict',
  'block',
  'release',
  'allow',
  'pause',
  'watch',
]);

/**
 * Answers what was asked over MQTT, where a login is all that tells a person from a bot of the same home. Everything ends by
 * itself; only devices that are known can be named; and where commands are `safe`, nothing that is asked can make the guard
 * weaker: no hold is shortened or replaced by a lesser one, and few devices can be harmed.
 */
export function answerRemote(turn: Turn, request: Request): Answer {
  const { commands } = turn.state.config.mqtt;
  const asked = request.args['for'] ?? '1h';
  const durationMs = parseLasting(String(asked));
  if (lasting.has(request.do)) {
    if (typeof durationMs !== 'number' || durationMs > longestMs[commands]) {
      return fail(
        'bad_argument',
        `"for" is "${asked}"`,
        `Over MQTT give a time of at most ${longestMs[commands] / hourMs} h, such as 10m.`,
      );
    }
    const refusal = refusalOf(turn, request, durationMs);
    if (refusal) return refusal;
    return answerRequest(turn, { ...request, args: { ...request.args, for: String(asked) } }, 'mqtt');
  }
  return refusalOf(turn, request, 0) ?? answerRequest(turn, request, 'mqtt');
}

function refusalOf({ state, at }: Turn, request: Request, durationMs: number): Answer | undefined {
  const name = request.args['device'];
  if (name === undefined) return undefined;
  const key = findDevice(state, String(name));
  const record = key === undefined || key === 'ambiguous' ? undefined : state.records.get(key);
  if (!record) {
    return fail(
      'unknown_device',
      `No device "${name}" has mailed`,
      'Name it by the key that its topic ends with, or use "postern" on the router.',
    );
  }
  const hold = holdOf[request.do];
  if (state.config.mqtt.commands !== 'safe' || hold === undefined) return undefined;
  const { ban } = record;
  if (ban && (!isStronger(hold, ban.hold) || ban.endMs === undefined || ban.endMs > at.nowMs + durationMs)) {
    return fail(
      'not_allowed',
      'It is held as firmly, or for longer, already',
      'Nothing to do; to weaken a hold use "postern" or the page of the router.',
    );
  }
  const held = [...state.records.values()].filter(
    (other) => other !== record && other.ban?.origin === 'remote',
  );
  if (held.length < remoteHolds) return undefined;
  return fail(
    'too_many',
    `${remoteHolds} devices are held over MQTT already`,
    'Release one at the router, or wait until it ends.',
  );
}
