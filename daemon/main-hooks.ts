import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from './cli/exit-codes.ts';
import type { Hooking } from './cli/hooks-options.ts';
import { isoTime } from './engine/iso-time.ts';
import { sentence } from './engine/words.ts';
import { capabilitiesIn } from './hooks/capabilities.ts';
import { type HookEvent, hookEnvironment, hookInput } from './hooks/hook-event.ts';
import { createHookQueue, type HookPort, type HookResult } from './hooks/hook-queue.ts';
import { wallMs } from './system/clock.ts';
import { followEvents } from './system/follow-events.ts';
import { readHookFolder } from './system/hook-folder.ts';
import { createLog, type Log } from './system/log.ts';
import { type RunningHook, runHook } from './system/run-hook.ts';

/** The longest that a hook may run. */
const timeoutMs = 10_000;
/** Lines of a failed hook's output that go to the log. */
const mostLines = 5;

/**
 * Runs the files of a folder on each event of the daemon, in a process of its own that shares nothing with it but a socket to
 * read from, and to say there how a test went; with `test`, each once. Resolves with the exit code.
 */
export async function runHooks(options: Hooking): Promise<number> {
  const log = createLog('info');
  const uid = process.getuid?.() ?? 0;
  const capabilities = capabilitiesIn(readText('/proc/self/status'), uid);
  if (capabilities !== undefined && !options.allowCapabilities) {
    log.write('error', `hooks would have capabilities (${capabilities}): not started`);
    log.write('error', 'Run "postern hooks" as a user of its own, or add --allow-capabilities to a trial.');
    return exitCodes.config;
  }
  if (capabilities !== undefined) log.write('warn', `hooks have capabilities (${capabilities})`);
  return options.test ? await testOnce(options, uid, log) : await follow(options, uid, log);
}

/** Runs hooks until told to stop; what runs then is ended. */
async function follow({ folder, socket }: Hooking, uid: number, log: Log): Promise<number> {
  const running = new Set<RunningHook>();
  const port = hooksOf(folder, uid, log, running);
  const queue = createHookQueue({
    ...port,
    list(event) {
      const hooks = port.list(event);
      event.report?.({ event: event.id, hooks });
      return hooks;
    },
    ended(hook, event, result) {
      const timedOut = result.timedOut && ({ timed_out: true } as const);
      event.report?.({ event: event.id, hook, code: result.code, ...timedOut });
      port.ended(hook, event, result);
    },
  });
  const following = followEvents(socket, {
    event: queue.push,
    following(complete) {
      log.write('info', `runs the hooks in ${folder} on events`);
      if (!complete)
        log.write('warn', 'more events came meanwhile than Postern keeps: some have run no hook');
    },
    trouble: (reason) => log.write('warn', `events cannot be followed: ${reason}; trying again`),
  });
  await new Promise((resolve) => {
    process.on('SIGTERM', resolve); // it may come twice: see main.ts
    process.once('SIGINT', resolve);
  });
  following.stop();
  queue.clear();
  for (const hook of running) hook.stop();
  await queue.settled();
  return exitCodes.ok;
}

/** Runs each hook with a test event; 0 where all went well and there is one. */
async function testOnce({ folder }: Hooking, uid: number, log: Log): Promise<number> {
  const node = hostname();
  const at = isoTime(wallMs());
  const text = sentence('test', { device: { name: node } });
  const document = { schema: 1, id: `${node}-${at}-by-hand`, type: 'test', at, node, text };
  let failed = 0;
  let ended = 0;
  const port = hooksOf(folder, uid, log, new Set());
  const queue = createHookQueue({
    ...port,
    ended(hook, event, result) {
      ended++;
      if (result.code !== 0) failed++;
      port.ended(hook, event, result);
    },
  });
  queue.push({ id: document.id, type: document.type, document });
  await queue.settled();
  if (ended === 0) log.write('warn', `there is no hook in ${folder}`);
  return ended > 0 && failed === 0 ? exitCodes.ok : exitCodes.refused;
}

/** The folder's hooks, as the queue runs them. */
function hooksOf(folder: string, uid: number, log: Log, running: Set<RunningHook>): HookPort {
  /** Of the last look: each is told once, as long as it is so. */
  let skipped: readonly string[] = [];
  return {
    list() {
      const found = readHookFolder(folder, uid);
      for (const text of found.skipped) if (!skipped.includes(text)) log.write('warn', text);
      skipped = found.skipped;
      return found.hooks;
    },
    async run(name, event) {
      const env = environmentOf(event);
      const hook = runHook(join(folder, name), { env, input: hookInput(event), timeoutMs });
      running.add(hook);
      const result = await hook.ended;
      running.delete(hook);
      return result;
    },
    ended: (hook, { id }, result) => tell(log, hook, id, result),
    dropped: ({ id }, total) =>
      log.write('warn', `hooks are too slow: event ${id} was given up, the ${total}th so far`),
  };
}

/** Where a program is found and where its own settings are; nothing else of ours. */
function environmentOf(event: HookEvent): Record<string, string> {
  const { PATH, HOME, TZ } = process.env;
  return {
    PATH: `${PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
    ...(HOME !== undefined && { HOME }),
    ...(TZ !== undefined && { TZ }),
    ...hookEnvironment(event),
  };
}

function tell(log: Log, hook: string, id: string, { code, timedOut, durationMs, output }: HookResult): void {
  const seconds = (durationMs / 1000).toFixed(1);
  if (code === 0 && !timedOut) {
    log.write('info', `${hook}: done with ${id} in ${seconds} s`);
    return;
  }
  const how = timedOut ? `was stopped after ${seconds} s` : `ended with exit code ${code}`;
  log.write('warn', `${hook}: ${how} at ${id}`);
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(0, mostLines)) log.write('warn', `${hook}: ${line}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
