import type { MqttConfig } from '../config/config.ts';
import type { Publish } from './outbox.ts';
import { clientIdOf, offline, type Topics } from './topics.ts';

/** Everything a connection needs; files are read, and secrets leave, only in the system layer. */
export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name the certificate must carry, where it is not the host's. */
  readonly serverName?: string;
  /** Do not check the certificate. */
  readonly insecure: boolean;
  readonly will: Publish;
  readonly keepaliveS: number;
  /** From the first packet to the broker's answer. */
  readonly connectTimeoutMs: number;
}

/** What the broker is called in messages: host and port, never the login. */
export function brokerName(options: Pick<ConnectOptions, 'host' | 'port'>): string {
  return options.host.includes(':') ? `[${options.host}]:${options.port}` : `${options.host}:${options.port}`;
}

/** The options of a connection; undefined if the url is neither `mqtt://` nor `mqtts://` (the config check says so first). */
export function connectOptionsOf(
  config: MqttConfig,
  node: string,
  topics: Topics,
  connectTimeoutMs: number,
): ConnectOptions | undefined {
  const url = URL.canParse(config.url) ? new URL(config.url) : undefined;
  if (!url || (url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:') || url.hostname === '')
    return undefined;
  const tls = url.protocol === 'mqtts:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? 8883 : 1883) : Number(url.port),
    tls,
    clientId: clientIdOf(node),
    ...(config.username !== undefined && { username: config.username }),
    ...(config.password !== undefined && { password: config.password }),
    ...(config.caFile !== undefined && { caFile: config.caFile }),
    ...(config.certFile !== undefined && { certFile: config.certFile }),
    ...(config.keyFile !== undefined && { keyFile: config.keyFile }),
    ...(config.serverName !== undefined && { serverName: config.serverName }),
    insecure: config.insecure,
    will: { topic: topics.availability, payload: offline, retain: true, qos: 1 },
    keepaliveS: 30,
    connectTimeoutMs,
  };
}
