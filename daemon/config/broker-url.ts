import { parseIp } from '../address/ip.ts';
import { remedyMark } from './option-types.ts';
import { shown } from './problem.ts';

const form = /^(mqtts?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?\/?$/;

/** The address of a broker in the one form the rest of the daemon sees: `mqtt://host`, `mqtts://[::1]:8884`. Undefined if it is none. */
export function parseBrokerUrl(text: string): string | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, scheme = '', host = '', port] = match;
  if (host.startsWith('[') && parseIp(host.slice(1, -1))?.family !== 6) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  return `${scheme}://${host.toLowerCase()}${port === undefined ? '' : `:${Number(port)}`}`;
}

/** Whether the connection is encrypted. */
export function usesTls(url: string): boolean {
  return url.startsWith('mqtts://');
}

/** Whether the broker is on the router itself, where nobody else can listen in. */
export function isLoopback(url: string): boolean {
  return /^mqtts?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(url);
}

/** Why an address of a broker was refused. The address is shown only if it cannot hold a password. */
export function brokerUrlMessage(input: unknown): string {
  if (typeof input !== 'string') return `${shown(input)} is not the address of a broker`;
  if (input.includes('@')) {
    const remedy = 'Write the address as mqtt://host, and the login into username and password.';
    return `the value (not shown) has a login in the address${remedyMark}${remedy}`;
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(input)?.[1]?.toLowerCase();
  if (scheme === 'ws' || scheme === 'wss') {
    const instead = scheme === 'ws' ? 'mqtt://host:1883' : 'mqtts://host:8883';
    return `${shown(input)} is MQTT over WebSocket, which is not built in${remedyMark}Use the broker's own port: ${instead}.`;
  }
  return `${shown(input)} is not mqtt://host[:port] or mqtts://host[:port]`;
}
