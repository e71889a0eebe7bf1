import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from './cli/exit-codes.ts';
import type { Config } from './config/config.ts';
import type { Problem } from './config/problem.ts';
import { readConfig } from './config/read-config.ts';
import { createFeed, type Feed } from './control/feed.ts';
import { plan } from './enforcement/plan.ts';
import { batch } from './enforcement/render-json.ts';
import { staticScript } from './enforcement/static-script.ts';
import { desiredRuleset } from './engine/desired-ruleset.ts';
import { newState } from './engine/state.ts';
import { step } from './engine/step.ts';
import { type Daemon, startDaemon } from './main-daemon.ts';
import { readData } from './main-data.ts';
import { isFromEarlierBoot, openStore } from './main-store.ts';
import { withLinks } from './main-surroundings.ts';
import { monotonicMs, wallMs } from './system/clock.ts';
import { createLog, type Log } from './system/log.ts';
import { claimNamespace } from './system/namespace-lock.ts';
import { type ControlServer, serveControl } from './system/unix-socket.ts';
import { version } from './system/version.ts';

/** Reads a configuration file. Problems are for people, one line each. */
async function loadConfig(
  path: string,
): Promise<{ config: Config; warnings: readonly Problem[] } | readonly Problem[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return [
      { option: path, message, remedy: 'Give the path of a configuration in JSON.', severity: 'error' },
    ];
  }
  const reading = readConfig(json);
  return reading.ok ? reading : reading.problems;
}

const line = ({ option, message, remedy }: Problem) => `${option} ${message}. ${remedy}`;

/** Runs the daemon until it is told to stop; resolves with the exit code. */
export async function runDaemon({ configPath }: { readonly configPath: string }): Promise<number> {
  const waitsForReload = catchReloads();
  const log = createLog('info');
  const loaded = await loadConfig(configPath);
  if (!('config' in loaded)) {
    for (const problem of loaded) log.write('error', line(problem));
    if (process.env['POSTERN_SERVICE'] !== undefined && !waitsForReload()) await reloadOrMs(600_000);
    return exitCodes.config;
  }
  const { config, warnings } = loaded;
  log.setLevel(config.logLevel);
  for (const problem of warnings) log.write('warn', line(problem));
  let daemon: Daemon | undefined;
  const isAlone = await claimNamespace();
  const served =
    isAlone &&
    (await serveControl({
      path: join(config.runDir, 'postern.sock'),
      serve: (request, reply) => {
        if (daemon) daemon.request(request, reply);
        else
          reply({
            ok: false,
            error: {
              code: 'not_available',
              message: 'Postern is starting',
              remedy: 'Try again in a second.',
            },
          });
      },
    }));
  if (!served || served.kind !== 'serving') {
    const isOther = !served || served.kind === 'in use';
    const reason = isOther ? 'another Postern runs on this router already' : served.error;
    log.write('error', `${reason}: not started`);
    return exitCodes.unavailable;
  }
  dieLoudly(log);
  const feed = createFeed();
  const events = await serveEvents(feed, config, log);
  daemon = await startDaemon(config, log, feed);
  await untilToldToStop(daemon, configPath, log, waitsForReload());
  await daemon.stop();
  await Promise.all([served.server.close(), events?.close()]);
  return exitCodes.ok;
}

/**
 * Events have a socket of their own, for programs that may not control the guard. Who may open it is said by its folder: a
 * group and setgid there go over to the socket.
 */
async function serveEvents(feed: Feed, { runDir }: Config, log: Log): Promise<ControlServer | undefined> {
  const served = await serveControl({ path: join(runDir, 'events', 'postern.sock'), serve: feed });
  if (served.kind === 'serving') return served.server;
  log.write('warn', `events cannot be followed: ${served.kind === 'failed' ? served.error : served.kind}`);
  return undefined;
}

/**
 * A fault of ours ends the daemon with its reason in the log: procd starts it again, and the kernel holds meanwhile.
 * Going on with a state nobody understands would be worse.
 */
function dieLoudly(log: Log): void {
  const die = (error: unknown) => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    for (const text of reason.split('\n').slice(0, 8)) log.write('error', text);
    process.exit(exitCodes.fault);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

/**
 * At boot, interfaces come up while the daemon starts, and procd sends a SIGHUP for each: the first would end it. Returns
 * whether one came so far.
 */
function catchReloads(): () => boolean {
  let came = false;
  const note = () => {
    came = true;
  };
  process.on('SIGHUP', note);
  return () => came;
}

/** A service that ends is started again at once, and would fill the log with the same mistakes. */
function reloadOrMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGHUP', resolve);
    setTimeout(resolve, ms);
  });
}

/** SIGHUP reads the configuration anew; a bad one leaves the old one in force. */
function untilToldToStop(daemon: Daemon, configPath: string, log: Log, isDue: boolean): Promise<void> {
  const reload = async () => {
    const loaded = await loadConfig(configPath);
    if ('config' in loaded) {
      await daemon.reload(loaded.config);
      log.write('info', 'configuration reloaded');
      return;
    }
    for (const problem of loaded) log.write('error', line(problem));
    daemon.rejected(loaded[0] ? `${loaded[0].option} ${loaded[0].message}` : '');
  };
  process.on('SIGHUP', () => void reload());
  if (isDue) void reload();
  return new Promise((resolve) => {
    // A service that is restarted without a Node tells it twice, and the second would cut off what is done last.
    process.on('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

/** Prints the table for a configuration and the saved bans: as nft's JSON, or with `static` as an nft script. */
export async function printRuleset(options: {
  readonly configPath: string;
  readonly static: boolean;
}): Promise<number> {
  const loaded = await loadConfig(options.configPath);
  if (!('config' in loaded)) {
    for (const problem of loaded) process.stderr.write(`${line(problem)}\n`);
    return exitCodes.config;
  }
  const at = { nowMs: monotonicMs(), wallMs: wallMs() };
  const config = await withLinks(loaded.config);
  const state = newState({ config, version, ...readData(), at });
  const saved = await openStore(config.dataDir, config.runDir).read();
  step(state, { type: 'config', config }, at);
  const snapshot = saved.kind === 'snapshot' ? saved.snapshot : undefined;
  const restarted = isFromEarlierBoot(snapshot);
  step(state, { type: 'restore', snapshot, adopted: [], restarted }, at);
  const desired = desiredRuleset(state, at);
  const text = options.static
    ? staticScript(desired, at.nowMs)
    : `${batch(plan(undefined, desired, at.nowMs).commands)}\n`;
  process.stdout.write(text);
  return exitCodes.ok;
}
