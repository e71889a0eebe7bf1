import type { Verb } from '../control/request.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { renderBlocklists } from './render-blocklists.ts';
import { doorWords } from './render-doors.ts';
import { renderEvidence } from './render-evidence.ts';
import { renderHistory } from './render-history.ts';
import { renderWho } from './render-who.ts';
import { pairs, table } from './table.ts';
import { spokenTime, timeLeft } from './times.ts';

/** An answer's data as text for people, without its last newline. `wallMs` is now, for what is left of a ban. */
export function render(verb: Verb, data: unknown, wallMs: number): string {
  const fields = fieldsOf(data);
  switch (verb) {
    case 'status':
    case 'pause':
    case 'resume':
      return renderStatus(fields, wallMs);
    case 'devices':
      return renderDevices(fields.items('devices'), wallMs);
    case 'device':
      return renderDevice(fields, wallMs);
    case 'incidents':
      return renderIncidents(fields.items('incidents'));
    case 'incident':
      return renderIncident(fields);
    case 'evidence':
      return renderEvidence(fields);
    case 'who':
      return fields.has('answers') ? renderWho(fields) : renderDevice(fields, wallMs);
    case 'blocklists':
      return renderBlocklists(fields);
    case 'watch':
      return `${oneLine(fields, wallMs)}\nIt is watched closely; an event tells whether it stays clean.`;
    case 'report':
      return fields.text('text');
    case 'test':
      return renderTest(fields);
    case 'history':
      return renderHistory(fields);
    case 'acknowledge':
      return `Noted: you have seen ${fields.text('acknowledged')}.`;
    case 'pin':
      return `${oneLine(fields, wallMs)}\nIt is ${fields.flag('pinned') ? 'kept, however long it sends no mail' : 'no longer kept when it sends no mail'}.`;
    case 'forget':
      return `${fields.text('forgotten')} is forgotten.`;
    case 'mqtt-clean':
      return `${fields.number('deleted')} topics were deleted. Postern says nothing at the broker until it is restarted.`;
    default:
      return fields.has('state') ? oneLine(fields, wallMs) : 'Done.';
  }
}

/** What came of a test alert on each road. */
function renderTest(sent: Fields): string {
  const trouble = sent.has('mqtt_trouble') ? `: ${sent.text('mqtt_trouble')}` : '';
  const mqtt = new Map([
    ['off', 'off; see mqtt in the configuration'],
    ['delivered', 'the broker has it'],
    ['waiting', `not delivered yet; it waits for the broker${trouble}`],
  ]).get(sent.text('mqtt'));
  return [
    'A test alert was sent.',
    pairs([['log', 'written'], ['MQTT', mqtt ?? ''], ...hookRows(sent)]),
  ].join('\n');
}

/** A line for each hook, and for each program that follows and said nothing of any. */
function hookRows(sent: Fields): readonly (readonly [string, string])[] {
  const hooks = sent.items('hooks');
  const silent = sent.number('silent');
  const none = sent.number('followers') > 0 ? 'there is none to run' : 'nobody runs hooks now';
  const rows = hooks.map((one) => [`hook ${one.text('hook')}`, hookWords(one)] as const);
  if (silent > 0) return [...rows, ['hooks', 'a program that follows the events did not say how they end']];
  return rows.length > 0 ? rows : [['hooks', none]];
}

function hookWords(hook: Fields): string {
  if (!hook.has('code')) return 'has not ended yet; see the log';
  if (hook.flag('timed_out')) return `stopped when its time was up, exit code ${hook.text('code')}`;
  return hook.number('code') === 0
    ? 'done, exit code 0'
    : `failed, exit code ${hook.text('code')}; see the log`;
}

function renderStatus(status: Fields, wallMs: number): string {
  const paused = status.has('paused_until')
    ? `paused until ${spokenTime(status.text('paused_until'))} (${timeLeft(status.text('paused_until'), wallMs)})`
    : status.text('mode') === 'observe'
      ? 'observing only, since'
      : 'guarding since';
  const since = status.has('paused_until') ? '' : ` ${spokenTime(status.text('since'))}`;
  const head = `Postern ${status.text('version')} on ${status.text('node')}: ${status.text('state')}, ${paused}${since}`;
  const lost = status.number('connections_without_event');
  const body = pairs([
    [
      'devices',
      `${status.text('devices')} seen, ${status.text('devices_mailing')} send mail, ${status.text('devices_held')} held`,
    ],
    ['incidents', `${status.text('incidents_open')} open`],
    [
      'connections',
      `${status.text('connections_24h')} for mail in 24 h, ${status.text('refused')} refused${lost > 0 ? `, ${lost} with unknown destination` : ''}`,
    ],
    ['last incident', status.text('last_incident')],
  ]);
  const troubles = status.items('degraded').map((entry) => {
    const detail = entry.has('detail') ? ` (${entry.text('detail')})` : '';
    return `! ${entry.text('text')}${detail}.\n  ${entry.text('remedy')}`;
  });
  return [head, body, ...troubles].join('\n');
}

function renderDevices(devices: readonly Fields[], wallMs: number): string {
  if (devices.length === 0) return 'No device has sent mail yet.';
  return table(
    ['DEVICE', 'NAME', 'CLASS', 'STATE', 'LEFT', 'SCORE', 'MAIL 24 H', 'REFUSED', 'LAST MAIL'],
    devices.map((device) => [
      device.text('device'),
      device.text('name'),
      classWords(device),
      device.text('state'),
      timeLeft(device.text('until'), wallMs).replace(' left', ''),
      device.number('score').toFixed(1),
      device.text('connections_24h'),
      device.text('refused'),
      spokenTime(device.text('last_mail')),
    ]),
  );
}

/** A class with what it was guessed from; what people said needs no reason. */
function classWords(device: Fields): string {
  const reason = device.text('class_reason');
  return reason.includes(': ') ? `${device.text('class')} (${reason})` : device.text('class');
}

function renderDevice(device: Fields, wallMs: number): string {
  const why = device.texts('why');
  const lost = device.number('connections_without_event');
  const body = pairs([
    ['device', oneLine(device, wallMs)],
    ['maker', device.text('vendor')],
    ['mac', `${device.text('mac')}${device.flag('randomised_mac') ? ' (random)' : ''}`],
    ['addresses', device.texts('addresses').join(', ')],
    ['network', device.text('network')],
    ['behind', device.text('behind')],
    [
      'carries',
      device.has('devices_behind')
        ? `${device.text('devices_behind')} devices that share its MAC, each judged by its address`
        : '',
    ],
    ['class', `${device.text('class')} (${device.text('class_reason')})`],
    [
      'score',
      `${device.number('score').toFixed(2)} (restricted at ${device.text('restrict_at')}, blocked at ${device.text('block_at')})`,
    ],
    [
      'connections',
      `${device.text('connections')} for mail, ${device.text('connections_24h')} in 24 h, ${device.text('refused')} refused${lost > 0 ? `, ${lost} with unknown destination` : ''}`,
    ],
    ['messages', `about ${device.text('messages_24h')} in 24 h`],
    ['held since', spokenTime(device.text('held_since'))],
    ['watched closely until', spokenTime(device.text('probation_until'))],
    ['relays', device.texts('relays').join(', ')],
    [
      'allowed',
      device
        .items('allowed')
        .map((one) => allowedWords(one, wallMs))
        .join(', '),
    ],
    ['doors', doorWords(device)],
    ['incident', device.text('incident')],
    ['first seen', spokenTime(device.text('first_seen'))],
    ['last mail', spokenTime(device.text('last_mail'))],
  ]);
  const toDo = remedyLines(device);
  if (!device.has('why')) return [body, ...toDo].join('\n');
  return [
    body,
    ...toDo,
    'why:',
    ...(why.length > 0 ? why : ['nothing has moved its score']).map((line) => `  ${line}`),
  ].join('\n');
}

function allowedWords(one: Fields, wallMs: number): string {
  const left = timeLeft(one.text('until'), wallMs);
  return left === '' ? one.text('relay') : `${one.text('relay')} (${left})`;
}

function renderIncidents(incidents: readonly Fields[]): string {
  if (incidents.length === 0) return 'No incidents.';
  return table(
    ['INCIDENT', 'DEVICE', 'NAME', 'STATE', 'OPENED', 'REFUSED', 'SERVERS'],
    incidents.map((incident) => [
      incident.text('id'),
      incident.text('device'),
      incident.text('name'),
      stateWords(incident),
      spokenTime(incident.text('opened')),
      incident.text('refused'),
      incident.text('destinations'),
    ]),
  );
}

/** Open or closed, and whether a person has said that they saw it. */
function stateWords(incident: Fields): string {
  return `${incident.text('state')}${incident.flag('acknowledged') ? ', seen' : ''}`;
}

function renderIncident(incident: Fields): string {
  const steps = incident.items('steps');
  const evidence = incident.texts('evidence');
  return [
    `${incident.text('id')}: ${incident.text('name')} (${incident.text('device')}), ${stateWords(incident)}`,
    `${incident.text('destinations')} mail servers, ${incident.text('refused')} attempts refused`,
    ...steps.map(
      (step) => `  ${step.text('at').replace('T', ' ').replace('Z', ' UTC')}  ${step.text('text')}`,
    ),
    ...(evidence.length > 0 ? ['evidence:', ...evidence.map((line) => `  ${line}`)] : []),
    ...remedyLines(incident),
  ].join('\n');
}

function remedyLines(fields: Fields): string[] {
  const lines = fields.texts('remedies').map((line) => `  ${line}`);
  return lines.length > 0 ? ['what to do:', ...lines] : [];
}

/** `camera (ec71db001122): restricted, 58 min left`. */
function oneLine(device: Fields, wallMs: number): string {
  const left = timeLeft(device.text('until'), wallMs);
  return `${device.text('name')} (${device.text('device')}): ${device.text('state')}${left === '' ? '' : `, ${left}`}`;
}
