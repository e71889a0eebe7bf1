import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deviceDocumentOf, statusDocument } from '../../daemon/engine/views.ts';
import { keyOf, servers, tv, world } from '../engine/world.ts';
import { agreed, documentSchemas, schemaFiles } from './document-schemas.ts';
import { faultsOf } from './schema-types.ts';

const folder = new URL('../../docs/schema/', import.meta.url);

test('each document has a schema, and the compiler found it to be the type of the code', () => {
  expect(agreed).toHaveLength(Object.keys(documentSchemas).length);
});

test('docs/schema is what `node build.mjs --docs` writes', () => {
  const files = schemaFiles();
  expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(new URL(name, folder), 'utf8')).toBe(text);
});

test('what the engine tells in an incident is as the schemas say', () => {
  const home = world({ maxBans: 100 });
  for (let index = 0; index < 40; index++) {
    const address = index === 0 ? tv.address : `10.8.0.${20 + index}`;
    for (const server of servers.slice(index, index + 4)) {
      const flow = home.open(address, server);
      home.give({ type: 'flow', flow: { ...flow, kind: 'update', replied: true, assured: true } });
    }
  }
  home.pass(5000);
  home.ask('allow', { device: keyOf(tv), relay: '192.0.2.7', port: 587, for: '1h' });
  home.ask('release', { device: keyOf(tv), for: '10m' });
  home.ask('pause', { for: '1h' });
  const view = { state: home.state, at: { nowMs: home.nowMs, wallMs: Date.now() } };
  const events = home.effects.flatMap((effect) => (effect.type === 'event' ? [effect.document] : []));
  const types = new Set(events.map(({ type }) => type));
  expect([...types]).toEqual(
    expect.arrayContaining(['opened', 'blocked', 'degraded', 'summary', 'released']),
  );
  for (const event of events) expect(faultsOf(documentSchemas.event, event)).toEqual([]);
  for (const key of home.state.records.keys()) {
    const document = JSON.parse(JSON.stringify(deviceDocumentOf(view, key)));
    expect(faultsOf(documentSchemas.device, document)).toEqual([]);
  }
  expect(faultsOf(documentSchemas.status, JSON.parse(JSON.stringify(statusDocument(view))))).toEqual([]);
});

test('what is not as a schema says is found', () => {
  const info = { schema: 1, node: 'home', version: '0.1.0', started: '2026-11-21T14:00:00Z' };
  const { node: _, ...incomplete } = info;
  expect(faultsOf(documentSchemas.info, info)).toEqual([]);
  expect(faultsOf(documentSchemas.info, incomplete)).toEqual(['/node is missing']);
  expect(faultsOf(documentSchemas.info, { ...info, started: 'today' })).toEqual([
    '/started is no time: today',
  ]);
  expect(faultsOf(documentSchemas.info, { ...info, more: 1 })).toEqual(['/more is unknown']);
  expect(faultsOf(documentSchemas.status, { ...info, state: 'fine' })).toContain('/state is fine');
});
