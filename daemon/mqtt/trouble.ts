/** Why there is no connection, as far as the error tells. */
export type TroubleCause =
  | 'refused'
  | 'unreachable'
  | 'host_not_found'
  | 'timeout'
  | 'not_authorised'
  | 'client_id'
  | 'certificate'
  | 'not_tls'
  | 'file'
  | 'closed'
  | 'other';

/** One failure to reach or keep the broker. `detail` is the code or message of the error, without secrets. */
export interface BrokerTrouble {
  readonly cause: TroubleCause;
  readonly detail: string;
}

const systemCodes: Readonly<Record<string, TroubleCause>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  EAI_FAIL: 'host_not_found',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  EPROTO: 'not_tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
  ENOENT: 'file',
  EACCES: 'file',
  EISDIR: 'file',
};

/** CONNACK return codes of MQTT 3.1.1, table 3.1; 3 ("server unavailable") counts as closed. */
const connackCodes: Readonly<Record<number, TroubleCause>> = {
  2: 'client_id',
  3: 'closed',
  4: 'not_authorised',
  5: 'not_authorised',
};

/** Node's and OpenSSL's codes for a certificate that does not hold: X509_V_ERR_* names, and the name check of Node. */
const certificateCode =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|INVALID_CA|HOSTNAME_MISMATCH|ERR_OSSL|UNKNOWN_CA|BAD_END_LINE|NO_START_LINE/;

/** Reads the error of a connection: a system code, a CONNACK code, or only a message. */
export function troubleOf(error: { readonly code?: unknown; readonly message?: unknown }): BrokerTrouble {
  const message = typeof error.message === 'string' ? error.message.slice(0, 200) : '';
  if (typeof error.code === 'number') {
    return { cause: connackCodes[error.code] ?? 'other', detail: message || `code ${error.code}` };
  }
  if (typeof error.code === 'string') {
    const cause = systemCodes[error.code] ?? (certificateCode.test(error.code) ? 'certificate' : 'other');
    return { cause, detail: cause === 'other' ? `${error.code} ${message}`.trim() : error.code };
  }
  if (/timeout/i.test(message)) return { cause: 'timeout', detail: message };
  return { cause: 'other', detail: message || 'unknown error' };
}

const texts: Readonly<Record<TroubleCause, string>> = {
  refused: 'refuses connections (is it running, is the port right?)',
  unreachable: 'cannot be reached (no route)',
  host_not_found: 'is not a known host name',
  timeout: 'does not answer in time',
  not_authorised: 'refuses the login (username, password or rights)',
  client_id: 'refuses the client id',
  certificate:
    'has a certificate that does not hold here (ca_file, name, dates, or the clock), or refuses ours',
  not_tls: 'does not speak TLS on this port (or mqtt:// was given for a TLS port)',
  file: 'needs a file that cannot be read',
  closed: 'closed the connection',
  other: 'cannot be used',
};

/** One sentence for people: which broker, what is wrong, and the code for those who search for it. */
export function describeTrouble(broker: string, trouble: BrokerTrouble): string {
  return `The MQTT broker ${broker} ${texts[trouble.cause]}: ${trouble.detail}`;
}
