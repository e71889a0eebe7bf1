import { parseIp } from '../address/ip.ts';
import { contains, parsePrefix } from '../address/prefix.ts';
import type { MailPort } from '../conntrack/flow.ts';
import type { DeviceRecord } from './device-record.ts';
import type { Turn } from './state.ts';
import { ruleOf } from './who.ts';

/** Whether the device's owner allows this destination: by a configured relay, or for a time. */
export function isAllowed(turn: Turn, record: DeviceRecord, address: string, port: MailPort): boolean {
  const { state, at } = turn;
  const relays = ruleOf(state, record.key)?.relays ?? [];
  if (relays.length === 0 && record.allowances.length === 0) return false;
  const ip = parseIp(address);
  if (!ip) return false;
  const byRule = relays.some(
    (relay) =>
      relay.port === port &&
      (relay.prefix !== undefined
        ? contains(relay.prefix, ip)
        : (state.resolved.get(relay.host ?? '')?.has(address) ?? false)),
  );
  if (byRule) return true;
  return record.allowances.some((allowance) => {
    const prefix = parsePrefix(allowance.prefix);
    const isOver = allowance.endMs !== undefined && at.nowMs >= allowance.endMs;
    return allowance.port === port && !isOver && prefix !== undefined && contains(prefix, ip);
  });
}
