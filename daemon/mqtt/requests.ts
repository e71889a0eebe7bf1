import { jsonObjectOf } from '../control/json-object.ts';
import { requestError } from '../control/protocol.ts';
import type { Answer, Request, Verb } from '../control/request.ts';
import { argumentFault } from '../control/verb-arguments.ts';

const safe = [
  'block',
  'restrict',
  'slow',
  'disallow',
  'watch',
  'acknowledge',
  'test',
] as const satisfies readonly Verb[];

/**
 * What MQTT may ask for. `safe` holds only what strengthens the guard: whoever shares the broker's login can ask as well. Not
 * here: what lasts for ever (`quarantine`), and what a document on a topic says already.
 */
export const verbsAllowed: Readonly<Record<'off' | 'safe' | 'all', readonly Verb[]>> = {
  off: [],
  safe,
  all: [...safe, 'release', 'allow', 'pause', 'resume', 'pin', 'forget'],
};

/** A request longer than this is refused. Bytes. */
export const maxRequestBytes = 2048;
/** Requests carried out in one minute, of everybody together. */
export const requestsPerMinute = 10;

/** A transaction is the caller's own word for a request, handed back with the answer. */
type Transaction = string | number;
const maxTransaction = 64;

/** A request as it came, or why it is none. */
export type ReadRequest =
  | { readonly request: Request; readonly transaction?: Transaction }
  | { readonly fault: Answer; readonly transaction?: Transaction };

const fault = (message: string, remedy: string): Answer => ({
  ok: false,
  error: requestError('bad_request', message, remedy),
});

/** Reads what was asked: `{"device": "…", "for": "10m", "transaction": "…"}`; nothing at all is `{}`. */
export function readRequest(verb: Verb, payload: string): ReadRequest {
  if (new TextEncoder().encode(payload).length > maxRequestBytes)
    return { fault: fault('The request is too long', `Send at most ${maxRequestBytes} bytes.`) };
  const asked = payload.trim() === '' ? {} : jsonObjectOf(payload);
  if (asked === undefined)
    return { fault: fault('The request is no JSON object', 'Send {"device": "…"}, for example.') };
  const { transaction: given, ...args } = asked;
  const isFit =
    given === undefined ||
    typeof given === 'number' ||
    (typeof given === 'string' && given.length <= maxTransaction);
  if (!isFit) {
    const most = `Send a number, or a text of at most ${maxTransaction} characters.`;
    return { fault: fault('"transaction" is neither a number nor a short text', most) };
  }
  const transaction = given === undefined ? {} : { transaction: given };
  const wrong = argumentFault(verb, args);
  if (wrong !== undefined) return { fault: fault(wrong, 'See docs/mqtt.md.'), ...transaction };
  return { request: { id: 0, do: verb, args: args as Request['args'] }, ...transaction };
}

/** What goes to `response/<verb>`. */
export function responseText(answer: Answer, transaction: Transaction | undefined): string {
  const { ok, ...rest } = answer;
  return JSON.stringify({
    schema: 1,
    status: ok ? 'ok' : 'error',
    ...rest,
    ...(transaction !== undefined && { transaction }),
  });
}

/** Lets so many through in any minute. */
export function createRate(most: number) {
  /** Bound: `most`. */
  let times: number[] = [];
  return (nowMs: number): boolean => {
    times = times.filter((time) => nowMs - time < 60_000);
    if (times.length >= most) return false;
    times.push(nowMs);
    return true;
  };
}
