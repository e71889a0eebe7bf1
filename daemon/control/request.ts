/** Verbs that the control socket, the command line and (if allowed) MQTT share. */
export const verbs = [
  'status',
  'devices',
  'device',
  'incidents',
  'incident',
  'evidence',
  'report',
  'history',
  'who',
  'blocklists',
  'slow',
  'restrict',
  'block',
  'quarantine',
  'release',
  'allow',
  'disallow',
  'watch',
  'pause',
  'resume',
  'acknowledge',
  'pin',
  'forget',
  'test',
  'doctor',
  'mqtt-clean',
  'follow',
] as const;
export type Verb = (typeof verbs)[number];

/** One request: `{"v":1,"id":7,"do":"release","args":{"device":"aabbccddeeff","for":"10m"}}`. */
export interface Request {
  readonly id: number | string;
  readonly do: Verb;
  /** Strings and numbers only; each verb checks its own. */
  readonly args: { readonly [name: string]: string | number | boolean | undefined };
}

/** Why a request was refused; the table with texts and remedies is in docs/errors.md. */
export const errorCodes = [
  'bad_request',
  'unknown_verb',
  'unknown_device',
  'unknown_incident',
  'bad_argument',
  'not_allowed',
  'not_available',
  'too_many',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface RequestError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

export type Answer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: RequestError };
