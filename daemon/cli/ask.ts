import { printable, printableJson } from '../control/printable.ts';
import type { Request, RequestError, Verb } from '../control/request.ts';
import { type Asked, askControl } from '../system/control-client.ts';
import { exitCodes } from './exit-codes.ts';
import { render } from './render.ts';

/** Where a command writes, and what time it is. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly wallMs: () => number;
}

export interface Asking {
  readonly verb: Verb;
  readonly args: Request['args'];
  readonly socket: string;
  readonly json: boolean;
}

const timeoutMs = 10_000;
/** A test waits for hooks, for 13 s at most. */
const testMs = 20_000;
/** Pages of one list that are fetched: 4,000 devices. */
const mostPages = 100;

/** Asks the daemon, prints its answer, and returns the exit code. */
export async function askDaemon(asking: Asking, terminal: Terminal): Promise<number> {
  const asked = isWholeList(asking) ? await askPages(asking) : await ask(asking, asking.args);
  if (asked.kind !== 'answer') {
    const head = asked.kind === 'not running' ? 'Postern is not running' : 'Postern cannot be asked';
    terminal.err(`postern: ${head}: ${printable(asked.detail)}\n`);
    return exitCodes.unavailable;
  }
  const { answer } = asked;
  if (!answer.ok) return refuse(answer.error, asking.json, terminal);
  const text = asking.json
    ? printableJson(answer.data, 2)
    : render(asking.verb, answer.data, terminal.wallMs());
  terminal.out(`${text}\n`);
  return exitCodes.ok;
}

function refuse(error: RequestError, json: boolean, terminal: Terminal): number {
  if (json) terminal.out(`${printableJson({ schema: 1, error }, 2)}\n`);
  else terminal.err(`postern: ${printable(error.message)}\n${printable(error.remedy)}\n`);
  return exitCodes.refused;
}

function ask(asking: Asking, args: Request['args']): Promise<Asked> {
  return askControl(
    asking.socket,
    { id: 1, do: asking.verb, args },
    asking.verb === 'test' ? testMs : timeoutMs,
  );
}

/** A list without a page asked for is fetched whole. */
function isWholeList({ verb, args }: Asking): boolean {
  return (verb === 'devices' || verb === 'incidents') && !('limit' in args) && !('after' in args);
}

async function askPages(asking: Asking): Promise<Asked> {
  const items: unknown[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const asked = await ask(asking, after === undefined ? {} : { after });
    if (asked.kind !== 'answer' || !asked.answer.ok) return asked;
    const data = (asked.answer.data ?? {}) as Readonly<Record<string, unknown>>;
    const found = data[asking.verb];
    if (Array.isArray(found)) items.push(...found);
    if (typeof data['next'] !== 'string') break;
    after = data['next'];
  }
  return { kind: 'answer', answer: { ok: true, data: { schema: 1, [asking.verb]: items } } };
}
