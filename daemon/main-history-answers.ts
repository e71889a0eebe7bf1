import { type DeviceKey, targetOf } from './address/device-key.ts';
import type { Answer, Request } from './control/request.ts';
import { incidentsOf } from './engine/incidents.ts';
import { fail } from './engine/on-request.ts';
import { deviceDocument } from './engine/views.ts';
import { findDevice, whoIs } from './engine/who.ts';
import { evidenceOf } from './history/evidence.ts';
import type { History } from './history/history.ts';
import type { OpenedIncidents } from './history/opened.ts';
import { type AddressState, type ReportDocument, weekOf } from './history/report.ts';
import { answerWho, type WhoDocument, type WhoView } from './history/who-answer.ts';
import { readAsked } from './history/who-asked.ts';
import { readZone } from './main-history-zone.ts';
import type { Running } from './main-running.ts';
import { monotonicMs, wallMs } from './system/clock.ts';

/** Answers a request that the history knows more of than the engine. */
export async function answerFrom(
  running: Running,
  history: History,
  request: Request,
  opened: OpenedIncidents,
): Promise<Answer> {
  const { args } = request;
  if (request.do === 'report') return { ok: true, data: reportOf(running, history, opened) };
  if (request.do === 'evidence') return evidence(running, history, args);
  if (args['notice'] !== undefined) return noticed(running, history, args);
  if (args['at'] !== undefined) return who(running, history, args);
  if (args['address'] !== undefined) return whoHas(running, String(args['address']));
  return fail('bad_argument', '"who" needs a time, a notice or an address', 'Give at, notice or address.');
}

/** A notice that came over the socket, as from the router's page. */
async function noticed(running: Running, history: History, args: Request['args']): Promise<Answer> {
  const { readNotice } = await import('./notice/read-notice.ts');
  const { times, address, port, to, notes } = readNotice(String(args['notice']));
  if (times.length === 0)
    return fail(
      'bad_argument',
      'No time was found in the notice',
      'Give it as "at", such as 2026-11-21T14:02:03Z.',
    );
  const server = to !== undefined && { to };
  const found = { ...(port !== undefined && { port }), ...server, ...args, at: times.join(';') };
  const answer = await who(running, history, found);
  if (!answer.ok) return answer;
  const data = answer.data as WhoDocument;
  const about = address === undefined ? {} : { address };
  return { ok: true, data: { ...data, notice: { times, ...about }, notes: [...notes, ...data.notes] } };
}

async function who(running: Running, history: History, args: Request['args']): Promise<Answer> {
  const zone = await readZone();
  const { at, port, to } = args;
  const read = readAsked(
    {
      at: String(at),
      port: typeof port === 'number' ? port : undefined,
      to: to === undefined ? undefined : String(to),
    },
    zone,
  );
  if ('fault' in read) return fail('bad_argument', read.fault, read.remedy);
  return { ok: true, data: answerWho({ ...viewOf(running, history), zone }, read.asked, read.notes) };
}

function viewOf({ state }: Running, history: History): Omit<WhoView, 'zone'> {
  return {
    history,
    describe(key) {
      const { name, vendor: maker, class: kind, shortName } = whoIs(state, key);
      // What it was called when it was seen says more than what nobody knows any more.
      const isKnown = shortName !== undefined || state.directory.devices.has(key);
      return { ...(isKnown && { name }), ...(maker !== undefined && { maker }), class: kind };
    },
    groupOf: (address) =>
      state.labels.get(address) ?? state.names.get(address)?.group.id ?? state.providers.groupOf(address).id,
  };
}

/** The facts of the last seven days. */
export function reportOf({ state }: Running, history: History, opened: OpenedIncidents): ReportDocument {
  const { devices } = state.directory;
  return weekOf({
    history,
    nowMs: wallMs(),
    devices: devices.size,
    incidents: opened.all(),
    address: addressOf(state),
  });
}

/** What the lists that the owner named say of the home's address. */
function addressOf({ config, blocklists: { shared, held } }: Running['state']): AddressState | undefined {
  if (config.blocklists.length === 0) return undefined;
  if (held.some(({ state }) => state === 'listed')) return 'listed';
  if (shared) return 'shared';
  return held.length === 0 || held.some(({ state }) => state === 'unknown') ? 'unknown' : 'clear';
}

/** A paper about one incident, by its id or the newest of a device. */
async function evidence(running: Running, history: History, args: Request['args']): Promise<Answer> {
  const { state } = running;
  const id = String(args['incident'] ?? '');
  const key = args['device'] === undefined ? undefined : findDevice(state, String(args['device']));
  const incident =
    state.incidents.get(id) ?? (key && key !== 'ambiguous' ? incidentsOf(state, key)[0] : undefined);
  if (!incident) {
    const message = `There is no incident "${id === '' ? String(args['device'] ?? '') : id}"`;
    return fail('unknown_incident', message, 'See "postern incidents".');
  }
  const { vendor: maker, class: kind } = whoIs(state, incident.key);
  const device = history.devices.get(incident.key);
  const data = evidenceOf({
    incident,
    rows: device ? history.rowsOf(device) : [],
    nowMs: wallMs(),
    zone: await readZone(),
    version: state.version,
    class: kind,
    names: args['names'] !== false,
    maker,
    groupOf: viewOf(running, history).groupOf,
  });
  return { ok: true, data };
}

/** Whose address it is now. */
function whoHas(running: Running, address: string): Answer {
  const { state } = running;
  const key = findDevice(state, address);
  const known = key === 'ambiguous' ? undefined : key;
  const record = known && state.records.get(known);
  const view = { state, at: { nowMs: monotonicMs(), wallMs: wallMs() } };
  if (record) return { ok: true, data: deviceDocument(view, record) };
  if (known !== undefined) return { ok: true, data: neverMailed(running, known) };
  return fail('unknown_device', `Nobody at home has "${address.slice(0, 45)}"`, 'See "postern devices".');
}

function neverMailed({ state }: Running, key: DeviceKey) {
  const { name, vendor, class: kind, classReason } = whoIs(state, key);
  const target = targetOf(key);
  return {
    schema: 1,
    device: key,
    ...(target?.kind === 'mac' && { mac: target.mac }),
    name,
    ...(vendor !== undefined && { vendor }),
    class: kind,
    class_reason: classReason,
    state: 'normal',
    connections: 0,
  };
}
