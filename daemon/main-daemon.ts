import type { Config } from './config/config.ts';
import { mailPorts } from './conntrack/flow.ts';
import { type Listener, startListener } from './conntrack/listener.ts';
import type { Feed } from './control/feed.ts';
import type { Answer, Request } from './control/request.ts';
import { readArrivals } from './enforcement/arrivals.ts';
import { Enforcer } from './enforcement/enforcer.ts';
import type { LedgerRow } from './enforcement/reading.ts';
import type { Input } from './engine/input.ts';
import { newState } from './engine/state.ts';
import { step } from './engine/step.ts';
import { openBroker } from './main-broker.ts';
import { createChronicle } from './main-chronicle.ts';
import { readData } from './main-data.ts';
import { createEffects, type Effects } from './main-effects.ts';
import { openNeighbours, readLeases } from './main-identify.ts';
import { listNow } from './main-listing.ts';
import { openRecorder } from './main-recorder.ts';
import { tellRepair } from './main-repairs.ts';
import type { Running } from './main-running.ts';
import { saveState } from './main-save.ts';
import { isFromEarlierBoot, openStore, unsentOf } from './main-store.ts';
import { isLinked, lookAround, tellUpstream, withLinks } from './main-surroundings.ts';
import { monotonicMs, wallMs } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { systemNft } from './system/nft.ts';
import { spawnStream } from './system/process.ts';
import { systemTimers } from './system/timers.ts';
import { version } from './system/version.ts';

const tickMs = 1000;
/** Drift of the table and changes of the surroundings. */
const checkMs = 5000;
/** The longest that the start waits for conntrack. */
const listeningMs = 3000;

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

/** A running daemon. */
export interface Daemon {
  /** One request of the control socket. */
  request(request: Request, reply: (answer: Answer) => void): void;
  /** A new configuration. */
  reload(config: Config): Promise<void>;
  /** The new configuration has mistakes. */
  rejected(detail: string): void;
  /** Leaves the kernel's table in force, says goodbye to the broker, saves. */
  stop(): Promise<void>;
}

/** Starts the guard: adopts what the kernel holds, restores the state, then listens. */
export async function startDaemon(config: Config, log: Log, feed: Feed): Promise<Daemon> {
  const at = { nowMs: monotonicMs(), wallMs: wallMs() };
  const data = readData();
  if (data.reason)
    log.write('warn', `without postern-data.bin makers and providers are unknown: ${data.reason}`);
  const nft = systemNft();
  const running: Running = {
    log,
    feed,
    enforcer: new Enforcer(nft, monotonicMs),
    readArrivals: () => readArrivals(nft),
    listRules: nft.list,
    neighbours: openNeighbours(),
    store: openStore(config.dataDir, config.runDir),
    recorder: openRecorder(process.env['POSTERN_RECORD']),
    state: newState({
      config: await withLinks(config),
      version,
      ...data,
      at,
    }),
    chronicle: createChronicle(() => running, config.dataDir),
    names: undefined,
    listener: undefined,
    session: undefined,
    ruleset: undefined,
    lastApplied: undefined,
    stopped: false,
    dispatch,
  };
  const effects = createEffects(running);

  function dispatch(...inputs: readonly Input[]): void {
    if (running.stopped) return;
    const asked = inputs.flatMap((input) => {
      const now = { nowMs: monotonicMs(), wallMs: wallMs() };
      running.recorder?.write(input, now);
      const outcome = step(running.state, input, now);
      running.state = outcome.state;
      return outcome.effects;
    });
    effects.carryOut(asked);
  }

  dispatch({ type: 'condition', reason: 'starting', on: true });
  const saved = await restoreState(running);
  await configureNames(running, running.state.config);
  await openBroker(running, effects.request, unsentOf(saved));
  await effects.settled();
  await startListening(running);
  const timers = [setInterval(() => tick(running), tickMs), setInterval(() => void check(running), checkMs)];
  await surroundings(running);
  dispatch({ type: 'condition', reason: 'starting', on: false });
  log.write(
    'info',
    `Postern ${version} guards ${config.networks.filter(({ role }) => role === 'guard').length} networks`,
  );
  return {
    request: effects.request,
    reload: (next) => reload(running, effects, next),
    rejected: (detail) => dispatch({ type: 'condition', reason: 'config_rejected', on: true, detail }),
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await stop(running, effects);
      nft.close();
      running.neighbours.close();
    },
  };
}

/**
 * Takes in, as one, what an earlier run saved, what the kernel holds, who is who and what the machine is like. The first
 * transaction follows from all of it: one that knew less would let go of who is held, give every device a new budget, or
 * have to be made again with the events masked, and the listener started twice: flows born in between have no events.
 */
async function restoreState(running: Running): Promise<unknown> {
  const { enforcer, store, state } = running;
  const [found, read, adopted, leases, neighbours] = await Promise.all([
    lookAround(wallMs(), []),
    store.read(),
    enforcer.adopt(monotonicMs()),
    readLeases(state.config.leaseFiles),
    running.neighbours.read(),
  ]);
  const snapshot = read.kind === 'snapshot' ? read.snapshot : undefined;
  const nowMs = monotonicMs();
  const bans = (['released', 'blocked', 'restricted', 'slowed', 'quarantined'] as const).flatMap((set) =>
    (adopted?.held?.[set] ?? []).map(({ key, endMs }) => ({
      set,
      key,
      ...(endMs === undefined ? {} : { remainingMs: endMs - nowMs }),
    })),
  );
  running.dispatch(
    ...found.map((one) => ({ type: 'condition' as const, ...one })),
    { type: 'config', config: state.config },
    { type: 'leases', leases },
    { type: 'restore', snapshot, adopted: bans, restarted: isFromEarlierBoot(snapshot) },
    { type: 'neighbours', neighbours },
    ...(adopted ? [ledgerBegins(adopted.ledger)] : []),
  );
  if (read.kind === 'damaged') {
    const detail = read.keptAs === undefined ? {} : { detail: `kept as ${read.keptAs}` };
    running.dispatch({ type: 'condition', reason: 'state_damaged', on: true, ...detail });
  }
  return snapshot;
}

/** Names matter where the router's DNS log is read, or a relay has a host name. */
async function configureNames(running: Running, config: Config): Promise<void> {
  const hasHosts = config.devices.some(({ relays }) => relays.some(({ host }) => host !== undefined));
  try {
    if (config.dnsLog !== undefined || hasHosts)
      running.names ??= (await import('./main-names.ts')).openNames(running);
  } catch (error) {
    running.log.write(
      'warn',
      `servers have no names: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  running.names?.configure(config);
}

/** Where the ledger's counting begins. */
function ledgerBegins(ledger: readonly LedgerRow[]): Input {
  return { type: 'sets', reading: { ledger, attempts: [], overruns: [], full: [] } };
}

/** Ends when no connection can begin any more that is not scored, or where conntrack does not start, after a while. */
async function startListening(running: Running): Promise<void> {
  let isAwaited = true;
  const heard = new Promise<void>((resolve) => {
    running.listener = listen(running, () => {
      resolve();
      return isAwaited;
    });
  });
  await Promise.race([heard, pause(listeningMs)]);
  isAwaited = false;
  const { flows, complete } = await listNow(mailPorts);
  running.dispatch({ type: 'flows', flows, complete, ports: mailPorts });
}

/** `onListening` returns whether what is older is listed for it. */
function listen(running: Running, onListening: () => boolean): Listener {
  return startListener(
    running.ruleset?.maskEvents ? 'all' : 'ends',
    {
      spawnStream,
      schedule: systemTimers.after,
      now: monotonicMs,
      random: Math.random,
    },
    {
      flows(flows) {
        if (running.names)
          running.names.before(flows.flatMap(({ kind, dst }) => (kind === 'new' ? [dst] : [])));
        running.dispatch(...flows.map((flow) => ({ type: 'flow' as const, flow })));
      },
      gap(reason, detail) {
        running.log.write(reason === 'resync' ? 'debug' : 'warn', `conntrack: ${reason} ${detail}`);
        running.dispatch({ type: 'gap', reason });
        const isDeaf = reason === 'start-failed';
        running.dispatch({ type: 'condition', reason: 'no_events', on: isDeaf, ...(isDeaf && { detail }) });
      },
      listening() {
        running.dispatch({ type: 'condition', reason: 'no_events', on: false });
        if (!onListening()) running.dispatch({ type: 'gap', reason: 'listening' });
      },
    },
  );
}

function tick(running: Running): void {
  running.dispatch({ type: 'tick' });
  void saveState(running);
}

/** What the machine is like, as conditions. */
async function surroundings(running: Running): Promise<void> {
  const pid = running.listener?.pid();
  for (const found of await lookAround(wallMs(), pid === undefined ? [] : [pid])) {
    running.dispatch({ type: 'condition', ...found });
  }
  const { config, upstream } = running.state;
  if ((await isLinked(config)) !== upstream.linked) await tellUpstream(running);
}

/** The table against the last transaction, and the machine against what it was. */
async function check(running: Running): Promise<void> {
  await surroundings(running);
  const differences = await running.enforcer.checkDrift(monotonicMs());
  if (!differences || differences.length === 0 || !running.ruleset || running.stopped) return;
  await running.enforcer.apply(running.ruleset, monotonicMs());
  const words = differences.map(({ what, ...rest }) => [what, ...Object.values(rest)].join(' '));
  tellRepair(
    running,
    words,
    differences.map(({ what }) => what),
  );
}

async function reload(running: Running, effects: Effects, config: Config): Promise<void> {
  const next = await withLinks(config);
  const isOtherBroker = JSON.stringify(next.mqtt) !== JSON.stringify(running.state.config.mqtt);
  running.log.setLevel(next.logLevel);
  running.dispatch({ type: 'config', config: next });
  await configureNames(running, next);
  running.dispatch({ type: 'condition', reason: 'config_rejected', on: false });
  if (!isOtherBroker) return;
  const unsent = running.session?.unsent() ?? [];
  await running.session?.stop();
  running.session = undefined;
  await openBroker(running, effects.request, unsent);
}

async function stop(running: Running, effects: Effects): Promise<void> {
  running.listener?.stop();
  running.names?.stop();
  const nowMs = monotonicMs();
  running.store.ask(true);
  await saveState(running, true);
  await effects.settled();
  // Bans stay in force. The mask does not: nobody of us listens, and others may want to.
  if (running.ruleset?.maskEvents)
    await running.enforcer.apply({ ...running.ruleset, maskEvents: false }, nowMs);
  running.stopped = true;
  await running.session?.stop();
  running.recorder?.close();
}
