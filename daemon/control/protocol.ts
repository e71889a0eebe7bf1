import { isJsonObject, jsonObjectOf } from './json-object.ts';
import type { Answer, ErrorCode, Request, RequestError, Verb } from './request.ts';
import { verbs } from './request.ts';
import { argumentFault } from './verb-arguments.ts';

/** The longest line either way, its newline included. */
export const maxLineBytes = 64 * 1024;
const maxArguments = 16;
const maxTextLength = 1024;
const maxIdLength = 64;

/** The id of a request; null in an answer to a line whose id could not be read. */
export type RequestId = number | string | null;

/** A line read: a request, or why it is none, with its id as far as that could be read. */
export type ParsedLine =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly id: RequestId; readonly error: RequestError };

/** An error with its code; the table with texts and remedies is in docs/errors.md. */
export function requestError(code: ErrorCode, message: string, remedy: string): RequestError {
  return { code, message, remedy };
}

const formRemedy =
  'Send one line of JSON: {"v":1,"id":7,"do":"release","args":{"device":"aabbccddeeff","for":"10m"}}';

/** What a line is answered that is longer than {@link maxLineBytes}. */
export const tooLong: RequestError = requestError(
  'bad_request',
  'The request is longer than 64 KB',
  formRemedy,
);

/** Reads one line as a request. Strict: unknown members, verbs and arguments are refused. Never throws. */
export function parseRequest(line: string): ParsedLine {
  if (line.length > maxLineBytes) return { ok: false, id: null, error: tooLong };
  const value = jsonObjectOf(line);
  if (!value) return refuse(null, 'bad_request', 'The request is not a JSON object');
  const id = idOf(value['id']);
  if (id === undefined) return refuse(null, 'bad_request', '"id" must be a whole number or a short string');
  const stranger = Object.keys(value).find((name) => !['v', 'id', 'do', 'args'].includes(name));
  if (stranger !== undefined) return refuse(id, 'bad_request', `Unknown member ${quote(stranger)}`);
  if (value['v'] !== 1) return refuse(id, 'bad_request', '"v" must be 1, the version of this protocol');
  const verb = verbOf(value['do']);
  if (verb === undefined) return refuse(id, 'unknown_verb', `There is no verb ${quote(value['do'])}`);
  const args = argumentsOf(value['args']);
  if (!args) {
    return refuse(id, 'bad_request', '"args" must be an object of short strings, numbers and booleans');
  }
  const fault = argumentFault(verb, args);
  if (fault !== undefined) return refuse(id, 'bad_argument', fault);
  return { ok: true, request: { id, do: verb, args } };
}

/** The line of an answer, newline included; one that would be too long becomes the error `too_many`. */
export function formatAnswer(id: RequestId, answer: Answer): string {
  const line = `${JSON.stringify({ id, ...answer })}\n`;
  // A UTF-16 unit is at most three bytes, so most answers need not be measured.
  if (line.length * 3 <= maxLineBytes || new TextEncoder().encode(line).length <= maxLineBytes) return line;
  const error = requestError(
    'too_many',
    'The answer is longer than 64 KB',
    'Ask for fewer at once with "limit", and go on with "after".',
  );
  return `${JSON.stringify({ id, ok: false, error })}\n`;
}

/** The line of a request, newline included. */
export function formatRequest(request: Request): string {
  return `${JSON.stringify({ v: 1, id: request.id, do: request.do, args: request.args })}\n`;
}

/** Reads an answer, as the command line does; undefined if it is none. */
export function parseAnswer(line: string): { readonly id: RequestId; readonly answer: Answer } | undefined {
  const value = jsonObjectOf(line);
  if (!value) return undefined;
  const id = value['id'] === null ? null : idOf(value['id']);
  if (id === undefined) return undefined;
  if (value['ok'] === true) return { id, answer: { ok: true, data: value['data'] } };
  const error = value['error'];
  if (value['ok'] !== false || !isJsonObject(error)) return undefined;
  const { code, message, remedy } = error;
  if (typeof code !== 'string' || typeof message !== 'string' || typeof remedy !== 'string') return undefined;
  return { id, answer: { ok: false, error: { code: code as ErrorCode, message, remedy } } };
}

function refuse(id: RequestId, code: ErrorCode, message: string): ParsedLine {
  return { ok: false, id, error: requestError(code, message, formRemedy) };
}

function idOf(value: unknown): number | string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && value.length <= maxIdLength ? value : undefined;
}

function verbOf(value: unknown): Verb | undefined {
  return verbs.find((verb) => verb === value);
}

/** Flat arguments only, in an object without a prototype: `__proto__` is a name like any other. */
function argumentsOf(value: unknown): Request['args'] | undefined {
  if (value === undefined) return {};
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > maxArguments) return undefined;
  const args: Record<string, string | number | boolean> = Object.create(null);
  for (const [name, argument] of entries) {
    // A notice is bound by its line alone.
    const most = name === 'notice' ? maxLineBytes : maxTextLength;
    if (typeof argument === 'string' ? argument.length > most : !isPlain(argument)) return undefined;
    args[name] = argument as string | number | boolean;
  }
  return args;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** A caller's own text in our message: shortened, and as JSON so that no control character survives. */
function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'of that type';
}
