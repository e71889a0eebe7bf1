import type { TrackedFlow } from '../conntrack/tracked-flow.ts';
import { knownRelays } from '../detection/known.ts';
import { portClassOf } from '../detection/table.ts';
import { type CutFlow, type CutTuple, cutMs } from '../enforcement/desired.ts';
import { isAllowed } from './allowed.ts';
import { banOn } from './ban-on.ts';
import type { DeviceRecord } from './device-record.ts';
import { groupAt } from './names.ts';
import { maxCuts, type Turn } from './state.ts';

/** The live mail flows of a device, those of the devices that live behind its MAC included. */
export function flowsOf(turn: Turn, record: DeviceRecord): TrackedFlow[] {
  const { flows, flowDevices, directory } = turn.state;
  const behind = directory.carriers.get(record.key)?.hosts;
  return [...flows.live.values()].filter(({ key }) => {
    const owner = flowDevices.get(key)?.key;
    return owner !== undefined && (owner === record.key || behind?.has(owner));
  });
}

/**
 * Ends live flows of a held device towards their servers too. The reject towards the device is the cut; but what the
 * device pipelined is with the server already, and is accepted unless the server's next packet meets a reset. Returns the keys of the flows that it ends.
 */
export function cutFlows(turn: Turn, record: DeviceRecord, flows: readonly TrackedFlow[]): string[] {
  const { state } = turn;
  const hold = banOn(state, record)?.hold;
  if (hold === undefined || hold === 'slowed') return [];
  const ownerOf = ({ key }: TrackedFlow) =>
    state.records.get(state.flowDevices.get(key)?.key ?? record.key) ?? record;
  const ended = flows.filter((flow) => hold !== 'restricted' || !isRelay(turn, ownerOf(flow), flow));
  cutTuples(turn, ended);
  return ended.map(({ key }) => key);
}

/** Answers the servers of these flows with resets for a while, whoever sends them and by whatever way. */
export function cutTuples(turn: Turn, flows: readonly CutTuple[]): void {
  const { state, at } = turn;
  if (flows.length === 0) return;
  const cuts = flows.map(
    ({ src, sport, dst, dport }): CutFlow => ({ src, sport, dst, dport, endMs: at.nowMs + cutMs }),
  );
  state.cuts = [...state.cuts.filter(({ endMs }) => endMs > at.nowMs), ...cuts].slice(-maxCuts);
  turn.rulesetChanged = true;
}

/** Whether a restricted device may go on with the flow. */
function isRelay(turn: Turn, record: DeviceRecord, { dst, dport }: TrackedFlow): boolean {
  if (isAllowed(turn, record, dst, dport)) return true;
  const portClass = portClassOf(dport);
  const { id } = groupAt(turn, record, dst);
  return knownRelays(record.profile).some((relay) => relay.group === id && relay.portClass === portClass);
}
