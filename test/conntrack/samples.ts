import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowEvent } from '../../daemon/conntrack/flow.ts';
import { parseFlowLine } from '../../daemon/conntrack/parse-line.ts';

const folder = join(import.meta.dirname, '..', 'fixtures');

/** Folder and name of every recorded event log. */
export const logs = [
  'conntrack-1.4.7/sessions',
  'conntrack-1.4.7/messages',
  'conntrack-1.4.7/ipv6',
  'conntrack-1.4.8/ipv6',
] as const;

/** The text of a fixture. */
export function fixture(name: string): string {
  return readFileSync(join(folder, name), 'latin1');
}

/** The mail flows of a recorded log, in order. */
export function eventsOf(name: string): FlowEvent[] {
  return fixture(`${name}.log`)
    .split('\n')
    .flatMap((line) => parseFlowLine(line) ?? []);
}

/** One step of a recording: what was done, from when on, and what became of it (`sent 10`, `ERR …`, or nothing). */
export interface Step {
  readonly name: string;
  readonly fromS: number;
  readonly result: string;
}

/** The steps of a recording, in order. */
export function stepsOf(name: string): Step[] {
  const steps: Step[] = [];
  for (const block of fixture(`${name}.steps`).split('### ').slice(1)) {
    const [head = '', result = ''] = block.split('\n');
    const [step = '', time] = head.split(' ');
    steps.push({ name: step, fromS: Number(time), result: result.trim() });
  }
  return steps;
}

/** An event line with what the test changes. */
export function flowEvent(changes: Partial<FlowEvent> = {}): FlowEvent {
  return {
    kind: 'new',
    family: 4,
    src: '192.168.7.20',
    sport: 40_000,
    dst: '198.51.100.25',
    dport: 25,
    id: 1,
    replied: changes.kind !== undefined && changes.kind !== 'new',
    assured: false,
    ...changes,
  };
}
