import type { Answer, Request } from './control/request.ts';
import { degradedReasons } from './engine/degraded.ts';
import type { RequestOrigin } from './engine/input.ts';
import { fail } from './engine/on-request.ts';
import { deviceDocumentOf, statusDocument } from './engine/views.ts';
import type { Running } from './main-running.ts';
import type { WaitingEvent } from './mqtt/outbox.ts';
import { monotonicMs, wallMs } from './system/clock.ts';

/** Carries out a request, wherever it came from, and hands its answer back. */
export type CarryOut = (request: Request, reply: (answer: Answer) => void, origin?: RequestOrigin) => void;

/** Says to the broker, if there is one, all that there is to say. */
export async function openBroker(
  running: Running,
  carryOut: CarryOut,
  unsent: readonly WaitingEvent[],
): Promise<void> {
  const { enabled, insecure } = running.state.config.mqtt;
  running.dispatch({ type: 'condition', reason: 'mqtt_insecure', on: enabled && insecure });
  if (!enabled) return;
  const opened = await import('./main-mqtt.ts').catch(() => undefined);
  if (!opened) {
    running.dispatch({ type: 'condition', reason: 'broker_unreachable', on: true, detail: withoutMqtt });
    return;
  }
  const session = opened.openSession(running, unsent, carryOut);
  const { state } = running;
  const view = { state, at: { nowMs: monotonicMs(), wallMs: wallMs() } };
  for (const key of state.records.keys()) session.device(key, deviceDocumentOf(view, key));
  session.status(statusDocument(view));
  running.session = session;
  session.start();
}

/** The longest that a test alert waits for the broker. */
const deliveryMs = 4000;
const lookMs = 50;

/** The longest that a test alert waits for hooks, which have 10 s and 2 s more to end. */
const hooksMs = 13_000;

/** What came of a test alert on each road: the broker's acknowledgement, and, where that is asked for, how each hook ended. */
export async function withRoads(running: Running, answer: Answer, forHooks: boolean): Promise<Answer> {
  const { session, feed, state } = running;
  if (!answer.ok) return answer;
  const sent = answer.data as { readonly event: string };
  const hooks = forHooks ? feed.test(sent.event) : undefined;
  const startMs = monotonicMs();
  const waits = () => session?.unsent().some(({ id }) => id === sent.event) ?? false;
  const isAway = () => running.state.conditions.has('broker_unreachable');
  const isDue = (longestMs: number) => monotonicMs() < startMs + longestMs;
  while ((waits() && !isAway() && isDue(deliveryMs)) || (hooks?.isComplete() === false && isDue(hooksMs)))
    await new Promise((resolve) => void setTimeout(resolve, lookMs));
  const { conditions } = running.state;
  const trouble =
    conditions.get('broker_unreachable')?.detail ??
    (conditions.has('client_id_taken') ? degradedReasons.client_id_taken[0] : undefined);
  const mqtt = session ? (waits() ? 'waiting' : 'delivered') : state.config.mqtt.enabled ? 'waiting' : 'off';
  const why = mqtt === 'waiting' && trouble !== undefined ? { mqtt_trouble: trouble } : {};
  const ran = hooks && { hooks: hooks.hooks(), silent: hooks.silent() };
  hooks?.end();
  return { ok: true, data: { ...sent, mqtt, ...why, followers: feed.followers(), ...ran } };
}

const withoutMqtt = 'postern-mqtt.cjs is not beside postern.cjs';

/** Takes everything of this router off the broker, as before the service is removed. */
export async function cleanBroker({ session, log }: Running): Promise<Answer> {
  const deleted = await session?.clean();
  if (deleted === undefined) {
    return fail(
      'not_available',
      session ? 'The MQTT broker is not connected' : 'MQTT is not configured',
      'See "postern status"; only a broker that answers can forget.',
    );
  }
  log.write('info', `${deleted} MQTT topics were deleted; Postern says nothing there until it is restarted`);
  return { ok: true, data: { deleted } };
}
