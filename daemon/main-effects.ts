import type { DeviceKey } from './address/device-key.ts';
import { canonicalIp } from './address/ip.ts';
import type { MailPort } from './conntrack/flow.ts';
import type { Answer } from './control/request.ts';
import { tooMany } from './enforcement/checked.ts';
import type { DesiredRuleset } from './enforcement/desired.ts';
import type { Effect } from './engine/effect.ts';
import { deviceDocumentOf, statusDocument } from './engine/views.ts';
import { withDoors } from './main-ask-doors.ts';
import { type CarryOut, cleanBroker, withRoads } from './main-broker.ts';
import type { AskedDoors } from './main-doors.ts';
import { readLeases } from './main-identify.ts';
import { listNow } from './main-listing.ts';
import { tellRepair } from './main-repairs.ts';
import type { Running } from './main-running.ts';
import { saveState } from './main-save.ts';
import { tellUpstream } from './main-surroundings.ts';
import { createVerifier } from './main-verify.ts';
import { monotonicMs, wallMs } from './system/clock.ts';

/** Carries out what the engine asks for. */
export interface Effects {
  /** The last ruleset among them first: it is on its way to the kernel before anything is told or saved. */
  carryOut(effects: readonly Effect[]): void;
  /** Hands a request to the engine and its answer back. */
  readonly request: CarryOut;
  /** When the kernel holds the last ruleset that was asked for, or could not be made to. */
  settled(): Promise<unknown>;
}

/** Between two listings: many flows that close at once are read together. */
const listRestMs = 1000;
/** What takes long, as to list thousands of flows or full sets, is followed by a rest of so many times as long. */
const listingShare = 20;
const longestRestMs = 20_000;
/** Documents are shown at most so often: what changes with every connection is worth telling once. */
const showRestMs = 200;
/** After a failed application. */
const retryMs = 2000;

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

/** The executor of one daemon. */
export function createEffects(running: Running): Effects {
  const replies = new Map<number, (answer: Answer) => void>();
  let requests = 0;
  let applying: Promise<unknown> = Promise.resolve();
  const list = batched(
    listRestMs,
    (asked: readonly { port: MailPort; all: boolean }[]) => listFlows(running, asked),
    listingShare,
  );
  const identify = batched(50, () => identifyDevices(running));
  const read = batched(50, (asked: readonly Asked[]) => readSets(running, asked), listingShare);

  const lookForDoors = batched(
    50,
    (asked: readonly AskedDoors[]) => withDoors(running, ({ askDoors }) => askDoors(running, asked)),
    listingShare,
  );
  const verify = createVerifier(running);
  const show = batched(showRestMs, (changed: readonly (DeviceKey | 'status')[]) =>
    showDocuments(running, changed),
  );

  function carryOut(effects: readonly Effect[]): void {
    const ruleset = effects.findLast(({ type }) => type === 'apply');
    if (ruleset) carryOutOne(ruleset);
    for (const effect of effects) if (effect.type !== 'apply') carryOutOne(effect);
  }

  function carryOutOne(effect: Effect): void {
    switch (effect.type) {
      case 'apply':
        applying = apply(running, effect.ruleset());
        break;
      case 'verify':
        verify(effect);
        break;
      case 'identify':
        void pause(effect.afterMs).then(() => identify([]));
        break;
      case 'read':
        read([effect]);
        break;
      case 'doors':
        lookForDoors([effect]);
        break;
      case 'upstream':
        void tellUpstream(running);
        break;
      case 'probe':
        void probe();
        break;
      case 'list':
        list(effect.ports.map((port) => ({ port, all: effect.all })));
        break;
      case 'look_up':
        void askBlocklists(running);
        break;
      case 'resolve':
        void resolveNames(running, effect.hosts);
        break;
      case 'status':
        show(['status']);
        break;
      case 'device':
        show([effect.key]);
        break;
      case 'mail':
        running.chronicle.note(effect.seen);
        break;
      case 'watch':
        running.chronicle.watch(effect.key, effect.durationMs);
        break;
      case 'event':
        running.session?.event(effect.document);
        running.feed.publish(effect.document);
        running.store.ask(false);
        break;
      case 'reply':
        replies.get(effect.replyTo)?.(effect.answer);
        replies.delete(effect.replyTo);
        break;
      case 'persist':
        running.store.ask(effect.urgent);
        // At once, behind the kernel: who is killed now must not tell the same incident again.
        if (effect.urgent) void applying.then(() => saveState(running));
        break;
      case 'log':
        running.log.write(effect.level, effect.text);
        break;
    }
  }

  return {
    carryOut,
    request(request, reply, origin = 'socket') {
      if (request.do === 'mqtt-clean') {
        void cleanBroker(running).then(reply);
        return;
      }
      if (['who', 'evidence', 'report'].includes(request.do)) {
        void running.chronicle.answer(request).then(reply);
        return;
      }
      const replyTo = ++requests;
      const forHooks = origin === 'socket' && request.args['hooks'] === true;
      const answered = (answer: Answer) => void withRoads(running, answer, forHooks).then(reply);
      replies.set(replyTo, request.do === 'test' ? answered : reply);
      const hand = () => running.dispatch({ type: 'request', request, origin, replyTo });
      if (request.do === 'device' && running.state.incidents.size > 0)
        void withDoors(running, ({ lookAgain }) => lookAgain(running, request)).then(hand);
      else hand();
    },
    settled: () => applying,
  };
}

/**
 * Collects what is asked for while a rest or an earlier run lasts, and does it in one go. The first request after a
 * rest is carried out at once. It rests `restMs`, or `restShare` times what the run took if that is more.
 */
function batched<T>(
  restMs: number,
  work: (items: readonly T[]) => Promise<void>,
  restShare = 0,
): (items: readonly T[]) => void {
  let items: T[] = [];
  let busy = false;
  let asked = false;
  const next = async (): Promise<void> => {
    busy = true;
    while (asked) {
      const taken = items;
      items = [];
      asked = false;
      const startedMs = monotonicMs();
      await work(taken);
      const worked = restShare * (monotonicMs() - startedMs);
      await pause(Math.max(restMs, Math.min(worked, longestRestMs)));
    }
    busy = false;
  };
  return (more) => {
    items.push(...more);
    asked = true;
    if (!busy) void next();
  };
}

async function apply(running: Running, ruleset: DesiredRuleset): Promise<void> {
  running.ruleset = ruleset;
  const result = await running.enforcer.apply(ruleset, monotonicMs());
  if (running.stopped) return;
  const failedBefore = running.state.conditions.has('ruleset_failed');
  if (result.ok) {
    const full = tooMany(result.omitted);
    const isNews = full.join() !== running.state.full.overfull.join();
    if (failedBefore || isNews) running.dispatch({ type: 'applied', ok: true, full });
    // Not what we left there: a change came before the check that looks for such.
    if (!failedBefore && result.attempts > 1 && result !== running.lastApplied)
      tellRepair(running, ['found by the next change'], ['table-changed']);
    running.lastApplied = result;
    // Updates are only worth reading where the kernel keeps everything else away.
    running.listener?.restart(ruleset.maskEvents ? 'all' : 'ends');
    for (const { why, subject } of result.omitted)
      running.log.write('debug', `left out of the table: ${subject} (${why})`);
    return;
  }
  if (!failedBefore) running.dispatch({ type: 'applied', ok: false, error: result.error });
  await pause(retryMs);
  if (!running.stopped && running.ruleset === ruleset) await apply(running, ruleset);
}

async function showDocuments(running: Running, changed: readonly (DeviceKey | 'status')[]): Promise<void> {
  const { session, state } = running;
  if (!session) return;
  const view = { state, at: { nowMs: monotonicMs(), wallMs: wallMs() } };
  for (const key of new Set(changed)) {
    if (key === 'status') session.status(statusDocument(view));
    else session.device(key, deviceDocumentOf(view, key));
  }
}

async function identifyDevices(running: Running): Promise<void> {
  const neighbours = await running.neighbours.read();
  running.dispatch({ type: 'neighbours', neighbours });
  running.dispatch({ type: 'leases', leases: await readLeases(running.state.config.leaseFiles) });
}

type Asked = Pick<Extract<Effect, { type: 'read' }>, 'sets' | 'maxAgeMs'>;

async function readSets(running: Running, asked: readonly Asked[]): Promise<void> {
  const { networks } = running.state.config;
  const names = networks.filter(({ role }) => role === 'guard').map(({ name }) => name);
  const sets = [...new Set(asked.flatMap((one) => one.sets))];
  const maxAgeMs = Math.min(...asked.map((one) => one.maxAgeMs));
  const reading = await running.enforcer.read(sets, names, maxAgeMs);
  if (!reading) return;
  running.names?.before(reading.attempts.map(({ dst }) => dst));
  running.dispatch({ type: 'sets', reading });
}

async function listFlows(
  running: Running,
  asked: readonly { port: MailPort; all: boolean }[],
): Promise<void> {
  for (const all of [true, false]) {
    const ports = [...new Set(asked.filter((one) => one.all === all).map(({ port }) => port))];
    const isCovered = !all && asked.some((one) => one.all);
    if (ports.length === 0 || isCovered) continue;
    const { flows, complete } = await listNow(ports, all ? undefined : 'assured');
    running.names?.before(flows.map(({ dst }) => dst));
    running.dispatch({ type: 'flows', flows, complete, ports });
  }
}

async function askBlocklists(running: Running): Promise<void> {
  try {
    await (await import('./main-blocklists.ts')).tellBlocklists(running);
  } catch (error) {
    running.log.write(
      'warn',
      `blocklists cannot be asked: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Loaded where it is needed, which is rarely: it costs half a megabyte. */
function newResolver() {
  const { Resolver } = process.getBuiltinModule('node:dns/promises');
  return new Resolver({ timeout: 3000, tries: 1 });
}

/** Who serves the root of DNS: no resolver of a router knows by heart, and it says nothing about the home. */
async function probe(): Promise<void> {
  await newResolver()
    .resolveNs('.')
    .catch(() => undefined);
}

async function resolveNames(running: Running, hosts: readonly string[]): Promise<void> {
  const resolver = newResolver();
  for (const host of hosts) {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const canonical = addresses.flatMap((address) => canonicalIp(address) ?? []);
    if (canonical.length === 0) continue;
    running.dispatch({ type: 'resolved', host, addresses: canonical });
    running.names?.resolved(host, canonical);
  }
}
