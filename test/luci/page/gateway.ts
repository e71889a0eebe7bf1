import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Answer, Request, Verb } from '../../../daemon/control/request.ts';
import { askControl } from '../../../daemon/system/control-client.ts';

const host = 'test/luci/page/host';
const resources = 'openwrt-package/luci-app-postern/htdocs/luci-static/resources';
const types = { js: 'text/javascript', css: 'text/css', html: 'text/html' } as const;

/** What a login may do without the right to write: as the package grants it. */
const { read } = JSON.parse(
  readFileSync('openwrt-package/luci-app-postern/root/usr/share/rpcd/acl.d/luci-app-postern.json', 'utf8'),
)['luci-app-postern'] as { readonly read: { readonly ubus: { readonly postern: readonly string[] } } };
const reads: ReadonlySet<string> = new Set(read.ubus.postern);

/** Answers a verb as rpcd's plugin does: its data, or `{ error }`. */
export type Ask = (verb: Verb, args: Request['args']) => Promise<unknown>;

/** A router's web server, as far as a LuCI page needs it. */
export interface Gateway {
  /** The page, as LuCI would show it. */
  url(options?: { readonly dark?: boolean }): string;
  /** Verbs that were asked for, oldest first. */
  readonly asked: string[];
  /** Whether the login may only read. */
  isReadOnly: boolean;
  /** Whether it may see the settings. */
  maySet: boolean;
  ask: Ask;
  stop(): Promise<void>;
}

/** The data of an answer, or its error, as the plugin hands it on. */
export function handedOn(answer: Answer): unknown {
  return answer.ok ? answer.data : { error: answer.error };
}

/** Asks the daemon whose socket this is. */
export function askDaemon(socket: string): Ask {
  return async (verb, args) => {
    const asked = await askControl(socket, { id: 1, do: verb, args }, 5000);
    if (asked.kind === 'answer') return handedOn(asked.answer);
    const remedy = 'Start it in System > Startup, or with "service postern start".';
    return { error: { code: 'service_stopped', message: 'Postern is stopped', remedy } };
  };
}

/** Serves the status page, and hands on what it asks. */
export async function startGateway(ask: Ask): Promise<Gateway> {
  const server = createServer((request, response) => {
    serve(gateway, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const port = await listening(server);
  const gateway: Gateway = {
    url: ({ dark = false } = {}) => `http://127.0.0.1:${port}/?dark=${dark}`,
    asked: [],
    isReadOnly: false,
    maySet: true,
    ask,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return gateway;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(gateway: Gateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://router');
  if (pathname === '/') return send(response, 'html', page(gateway, searchParams.get('dark') === 'true'));
  if (pathname === '/favicon.ico') return void response.writeHead(204).end();
  if (pathname.startsWith('/ubus/')) return send(response, 'js', await ubus(gateway, await body(request)));
  const [, folder, path] = /^\/(luci-static\/resources|host)\/([\w./-]+)$/.exec(pathname) ?? [];
  if (path === undefined || path.includes('..')) return void response.writeHead(404).end();
  const type = path.endsWith('.css') ? 'css' : 'js';
  send(response, type, readFileSync(join(folder === 'host' ? host : resources, path), 'utf8'));
}

function send(response: ServerResponse, type: keyof typeof types, content: string): void {
  response.writeHead(200, { 'content-type': `${types[type]}; charset=utf-8` }).end(content);
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** One call of a ubus method, as rpcd's JSON-RPC has it: a code, and what came. */
async function ubus(gateway: Gateway, text: string): Promise<string> {
  const { id, params } = JSON.parse(text) as {
    id: number;
    params: [string, string, Verb | 'look_up', Request['args']];
  };
  const [, object, method, args] = params;
  if (object === 'session') {
    const group = (args as Readonly<Record<string, unknown>>)['object'];
    const access = group === 'luci-app-postern-settings' && gateway.maySet;
    return JSON.stringify({ jsonrpc: '2.0', id, result: [0, { access }] });
  }
  gateway.asked.push(method);
  const isDenied = gateway.isReadOnly && !reads.has(method);
  const result = isDenied ? [6] : [0, await gateway.ask(method === 'look_up' ? 'blocklists' : method, args)];
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

function page({ isReadOnly }: Gateway, dark: boolean): string {
  const settings = { session: '0'.repeat(32), view: 'postern/status', isReadOnly };
  return `<!DOCTYPE html>
<html lang="en" data-darkmode="${dark}">
<head><meta charset="utf-8"><title>OpenWrt</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/host/theme.css"></head>
<body><main id="maincontent"><div id="view"></div></main>
<div id="modal_overlay" tabindex="-1"><div class="modal" role="dialog" aria-modal="true"></div></div>
<script type="application/json" id="settings">${JSON.stringify(settings)}</script>
<script type="module" src="/host/luci.js"></script></body></html>`;
}
