import { type DeviceKey, parseDeviceKey, routerKey } from '../address/device-key.ts';
import { formatPrefix } from '../address/prefix.ts';
import { type Lasting, parseLasting, parseRelay } from '../control/arguments.ts';
import { requestError } from '../control/protocol.ts';
import type { Answer, ErrorCode, Request } from '../control/request.ts';
import type { Hold } from '../policy/ban.ts';
import { listDevices, listIncidents, showDevice, showHistory, showIncident } from './answers.ts';
import { type DeviceRecord, maxAllowances, newRecord } from './device-record.ts';
import { cutHeld, holdByUser, release } from './hold.ts';
import { announce, closeIncident, incidentOf, tell } from './incidents.ts';
import type { RequestOrigin } from './input.ts';
import { answerBlocklists } from './on-blocklists.ts';
import { forget, recordOf } from './records.ts';
import type { Turn } from './state.ts';
import { deviceDocument, statusDocument } from './views.ts';
import { findDevice, whoIs } from './who.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const overMqtt = 'It was asked for over MQTT.';

/** Carries out one request and returns its answer. What comes by MQTT has been through `answerRemote`. */
export function answerRequest(turn: Turn, request: Request, origin: RequestOrigin = 'socket'): Answer {
  switch (request.do) {
    case 'status':
      return done(statusDocument(turn));
    case 'devices':
      return done(listDevices(turn, request.args));
    case 'device':
      return lookAt(turn, request, (record) => done(showDevice(turn, record, request.args['why'] === true)));
    case 'blocklists':
      return answerBlocklists(turn, request, fail);
    case 'history':
      return request.args['device'] === undefined
        ? done(showHistory(turn))
        : lookAt(turn, request, (record) => done(showHistory(turn, record)));
    case 'incidents':
      return done(listIncidents(turn, request.args));
    case 'incident':
    case 'evidence':
      return showIncident(turn, request.args);
    case 'slow':
      return hold(turn, request, 'slowed', origin);
    case 'restrict':
      return hold(turn, request, 'restricted', origin);
    case 'block':
      return hold(turn, request, 'blocked', origin);
    case 'quarantine':
      return hold(turn, request, 'quarantined', origin);
    case 'release':
      return forLasting(turn, request, hourMs, (record, durationMs) => {
        release(turn, record, durationMs ?? hourMs, origin === 'mqtt' ? overMqtt : undefined);
        return done(showDevice(turn, record, false));
      });
    case 'allow':
      return forLasting(turn, request, undefined, (record, durationMs) =>
        allow(turn, request, record, durationMs),
      );
    case 'disallow':
      return lookAt(turn, request, (record) => disallow(turn, request, record, origin));
    case 'watch':
      return forLasting(turn, request, dayMs, (record, durationMs) => watch(turn, record, durationMs));
    case 'pause':
      return pause(turn, request);
    case 'resume':
      return resume(turn);
    case 'acknowledge':
      return acknowledge(turn, request);
    case 'pin':
      return withDevice(turn, request, (record) => {
        record.pinned = request.args['on'] !== false;
        turn.changed.add(record.key);
        turn.effects.push({ type: 'persist', urgent: false });
        return done({ ...deviceDocument(turn, record), pinned: record.pinned });
      });
    case 'forget':
      return withDevice(turn, request, (record) => {
        closeIncident(turn, record);
        forget(turn, record.key);
        turn.effects.push({ type: 'persist', urgent: true });
        return done({ forgotten: record.key });
      });
    case 'test':
      return done({ sent: true, event: announce(turn, 'test', {}) });
    case 'follow':
      return fail('not_allowed', 'Events are not given here', 'Follow them at events/postern.sock.');
    case 'report':
    case 'who':
    case 'doctor':
    // Not the engine's: the session with the broker carries it out.
    case 'mqtt-clean':
      return fail('not_available', `"${request.do}" is not part of this version`, 'Update Postern.');
  }
}

const done = (data: unknown): Answer => ({ ok: true, data });

/** An answer that says no, with the reason and what to do. */
export function fail(code: ErrorCode, message: string, remedy: string): Answer {
  return { ok: false, error: requestError(code, message, remedy) };
}

/** What is done to a device is done to one that never mailed too, if its key is whole: its record is made. */
function withDevice(turn: Turn, request: Request, use: (record: DeviceRecord) => Answer): Answer {
  return onDevice(turn, request, (key) => use(recordOf(turn, key)));
}

/** Who only looks leaves no trace: records are few, and a new one may take another's place. */
function lookAt(turn: Turn, request: Request, use: (record: DeviceRecord) => Answer): Answer {
  return onDevice(turn, request, (key) => use(turn.state.records.get(key) ?? newRecord(key, turn.at.nowMs)));
}

/** Finds the device by key, MAC, address or name. */
function onDevice(turn: Turn, request: Request, use: (key: DeviceKey) => Answer): Answer {
  const asked = String(request.args['device']);
  const found = findDevice(turn.state, asked);
  if (found === 'ambiguous') {
    return fail(
      'unknown_device',
      `More than one device is called "${asked}"`,
      'Name it by its MAC: see "postern devices".',
    );
  }
  const key: DeviceKey | undefined = found ?? parseDeviceKey(asked);
  if (key === undefined) {
    return fail(
      'unknown_device',
      `No device "${asked}" is known`,
      'See "postern devices", or give its MAC or address.',
    );
  }
  return use(key);
}

function hold(turn: Turn, request: Request, kind: Hold, origin: RequestOrigin): Answer {
  return forLasting(turn, request, undefined, (record, durationMs) => {
    const who = whoIs(turn.state, record.key);
    const isRouter = record.key === routerKey;
    if (isRouter || who.exempt || who.gateway) {
      const what = isRouter
        ? 'the router itself'
        : who.exempt
          ? 'declared as a mail server'
          : 'the next hop of a route';
      return fail(
        'not_allowed',
        `"${who.name}" is ${what} and is never held`,
        'Remove "exempt" from its section, or the route, first, if that is what you want.',
      );
    }
    const isRemote = origin === 'mqtt';
    incidentOf(turn, record, { note: isRemote ? overMqtt : 'You asked for it.' });
    holdByUser(turn, record, kind, durationMs, isRemote ? 'remote' : 'user');
    return done(showDevice(turn, record, false));
  });
}

function allow(turn: Turn, request: Request, record: DeviceRecord, durationMs: number | undefined): Answer {
  const relay = parseRelay(String(request.args['relay']));
  if (!relay) {
    return fail(
      'bad_argument',
      `"${request.args['relay']}" is no relay`,
      'Write it as address:port, for example 192.0.2.25:587.',
    );
  }
  if (!relay.prefix) {
    return fail(
      'bad_argument',
      'A host name can only be allowed for always',
      'Name it as a relay in the section of the device in /etc/config/postern, or give the address or prefix of the server.',
    );
  }
  const prefix = formatPrefix(relay.prefix);
  const endMs = durationMs === undefined ? {} : { endMs: turn.at.nowMs + durationMs };
  record.allowances = record.allowances
    .filter((other) => other.prefix !== prefix || other.port !== relay.port)
    .concat({ prefix, port: relay.port, ...endMs })
    .slice(-maxAllowances);
  turn.rulesetChanged = true;
  turn.changed.add(record.key);
  if (record.incident !== undefined)
    tell(turn, record, 'allowed', { durationMs, note: `(${prefix}, port ${relay.port})` });
  turn.effects.push({ type: 'persist', urgent: true });
  return done(showDevice(turn, record, false));
}

/** Takes back what was allowed; what the configuration allows, and what the device is known to use, it keeps. */
function disallow(turn: Turn, request: Request, record: DeviceRecord, origin: RequestOrigin): Answer {
  const asked = String(request.args['relay']);
  const { prefix, port } = parseRelay(asked) ?? {};
  const text = prefix && formatPrefix(prefix);
  const left = record.allowances.filter((one) => one.prefix !== text || one.port !== port);
  if (left.length === record.allowances.length) {
    return fail(
      'bad_argument',
      `"${asked}" is not among what it was allowed`,
      'See "postern device"; relays of the configuration are taken out there.',
    );
  }
  record.allowances = left;
  turn.rulesetChanged = true;
  turn.changed.add(record.key);
  const isRemote = origin === 'mqtt';
  const note = `(${text}, port ${port})${isRemote ? ` ${overMqtt}` : ''}`;
  if (record.incident !== undefined) tell(turn, record, 'disallowed', { note });
  if (record.ban?.hold === 'restricted') cutHeld(turn, record);
  turn.effects.push({ type: 'persist', urgent: !isRemote });
  return done(showDevice(turn, record, false));
}

/** Less evidence is needed until the end of the watch; what holds the device goes on. */
function watch(turn: Turn, record: DeviceRecord, durationMs: number | undefined): Answer {
  if (durationMs === undefined || durationMs > 30 * dayMs)
    return fail('bad_argument', '"for" must be a time of at most 30d', 'A watch has an end, such as 1d.');
  const endMs = turn.at.nowMs + durationMs;
  record.probationUntilMs = Math.max(record.probationUntilMs ?? 0, endMs);
  turn.effects.push({ type: 'watch', key: record.key, durationMs }, { type: 'persist', urgent: false });
  return done(showDevice(turn, record, false));
}

function pause(turn: Turn, request: Request): Answer {
  const lasting = lastingOf(request, hourMs);
  if (lasting === undefined || lasting === 'reboot') {
    return fail('bad_argument', '"for" must be a time such as 10m or 1h', 'Pausing always ends by itself.');
  }
  turn.state.pausedUntilMs = turn.at.nowMs + lasting;
  turn.rulesetChanged = true;
  announce(turn, 'guard_paused', { durationMs: lasting });
  return done(statusDocument(turn));
}

function resume(turn: Turn): Answer {
  if (turn.state.pausedUntilMs !== undefined) {
    turn.state.pausedUntilMs = undefined;
    turn.rulesetChanged = true;
    announce(turn, 'guard_resumed', {});
  }
  return done(statusDocument(turn));
}

function acknowledge(turn: Turn, request: Request): Answer {
  const incident = turn.state.incidents.get(String(request.args['incident']));
  if (!incident) {
    return fail(
      'unknown_incident',
      `There is no incident "${request.args['incident']}"`,
      'See "postern incidents".',
    );
  }
  incident.acknowledged = true;
  turn.effects.push({ type: 'persist', urgent: false });
  return done({ acknowledged: incident.id });
}

function lastingOf(request: Request, usual: number | undefined): Lasting | undefined {
  const asked = request.args['for'];
  return asked === undefined ? usual : parseLasting(String(asked));
}

/** Reads `for`: `reboot` is infinite, and its absence, where there is no usual duration, means until somebody ends it. */
function forLasting(
  turn: Turn,
  request: Request,
  usual: number | undefined,
  use: (record: DeviceRecord, durationMs: number | undefined) => Answer,
): Answer {
  const lasting = lastingOf(request, usual);
  if (lasting === undefined && request.args['for'] !== undefined) {
    return fail(
      'bad_argument',
      `"for" is "${request.args['for']}"`,
      'Give a time such as 10m, 1h, 7d, or "reboot".',
    );
  }
  return withDevice(turn, request, (record) =>
    use(record, lasting === 'reboot' ? Number.POSITIVE_INFINITY : lasting),
  );
}
