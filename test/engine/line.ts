import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import type { World } from './world.ts';

/** The line to the provider as the kernel shows it: a link, and a counter of what arrives while the line works. */
export interface Line {
  works: boolean;
  linked: boolean;
  arrivals: number;
  /** Whether a reading can be had. */
  readable: boolean;
  /** How many readings and probes the engine asked for. */
  readings: number;
  probes: number;
  /** Whether somebody outside answers the router's own question. */
  answersProbes: boolean;
  /** Whether others in the home get answers, too, every second. */
  isBusy: boolean;
  /** Lets time pass with a tick at every full second, and reads what the engine asks for. */
  pass(ms: number): void;
}

/** A home whose line works and is read. Events tell of answers. */
export function lineOf(home: World): Line {
  const line: Line = {
    ...{ works: true, linked: true, arrivals: 1000, readable: true, readings: 0, probes: 0 },
    ...{ answersProbes: true, isBusy: true },
    pass(ms) {
      const endMs = home.nowMs + ms;
      while (home.nowMs < endMs) {
        home.nowMs = Math.min(endMs, Math.floor(home.nowMs / 1000) * 1000 + 1000);
        if (home.nowMs % 1000 !== 0) continue;
        if (line.works && line.isBusy) line.arrivals += 5;
        const effects = home.give({ type: 'tick' });
        if (effects.some(({ type }) => type === 'upstream')) {
          line.readings++;
          if (line.readable) home.give({ type: 'upstream', linked: line.linked, arrivals: line.arrivals });
        }
        if (effects.some(({ type }) => type === 'probe')) {
          line.probes++;
          if (line.works && line.answersProbes) line.arrivals++;
        }
      }
    },
  };
  home.give({ type: 'condition', reason: 'other_listener', on: false });
  line.pass(2000);
  home.effects.length = 0;
  return line;
}

/** The server's answer to a SYN: the second packet of the handshake. */
export function answer(home: World, flow: FlowEvent): void {
  home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, tcpState: 'SYN_RECV' } });
}

/** A whole session that takes one message. */
export function delivered(home: World, line: Line, flow: FlowEvent): void {
  answer(home, flow);
  const seen = { ...flow, replied: true, assured: true };
  home.give({ type: 'flow', flow: { ...seen, kind: 'update', tcpState: 'ESTABLISHED' } });
  line.arrivals += 20;
  line.pass(1000);
  const counters = { out: { packets: 25, bytes: 3600 }, back: { packets: 23, bytes: 2400 } };
  home.give({ type: 'flow', flow: { ...seen, ...counters, kind: 'destroy', tcpState: 'TIME_WAIT' } });
}
