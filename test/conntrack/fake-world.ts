import type { ListenerPorts } from '../../daemon/conntrack/listener.ts';

/** A child that the test plays. */
export interface FakeChild {
  readonly argv: readonly string[];
  readonly pid: number | undefined;
  stopped: boolean;
  stdout(text: string): void;
  stderr(text: string): void;
  exit(code: number, error?: string): void;
}

/** Ports of the listener with a clock that the test moves. */
export function fakeWorld() {
  const children: FakeChild[] = [];
  let timers: { atMs: number; then: () => void }[] = [];
  let nowMs = 0;
  let canStart = true;
  const ports: ListenerPorts = {
    spawnStream(argv, handlers) {
      const child: FakeChild = {
        argv,
        pid: canStart ? 100 + children.length : undefined,
        stopped: false,
        stdout: (text) => handlers.onStdout(text),
        stderr: (text) => handlers.onStderr(text),
        exit: (code, error) => handlers.onExit(code, error),
      };
      children.push(child);
      return {
        pid: child.pid,
        stop() {
          child.stopped = true;
        },
      };
    },
    schedule(delayMs, then) {
      const timer = { atMs: nowMs + delayMs, then };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    now: () => nowMs,
    random: () => 1,
  };
  return {
    ports,
    children,
    timers: () => timers.length,
    forbidStart: () => {
      canStart = false;
    },
    last(): FakeChild {
      const child = children.at(-1);
      if (!child) throw new Error('nothing was started');
      return child;
    },
    /** Lets time pass and runs what falls due, in order. */
    advance(byMs: number) {
      const endMs = nowMs + byMs;
      for (;;) {
        const due = timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.then();
      }
      nowMs = endMs;
    },
  };
}
