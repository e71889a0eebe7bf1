import { describe, expect, test } from 'vitest';
import type { DeviceKey } from '../../daemon/address/device-key.ts';
import { fieldsOf } from '../../daemon/cli/fields.ts';
import { renderEvidence } from '../../daemon/cli/render-evidence.ts';
import { type EvidenceView, evidenceOf } from '../../daemon/history/evidence.ts';
import type { Row } from '../../daemon/history/seen.ts';
import { shortAddress } from '../../daemon/history/short-address.ts';
import { parseZone, utc } from '../../daemon/history/zone.ts';
import { keyOf, servers, tv, world } from '../engine/world.ts';

/** The incident of a television that a person called by a name, as the engine tells it. */
function incident() {
  const home = world({
    devices: [{ keys: [keyOf(tv)], name: "Anna's (old) TV", exempt: false, relays: [], action: 'auto' }],
  });
  for (const server of servers.slice(0, 8)) home.open(tv.address, server);
  home.pass(2000);
  const found = [...home.state.incidents.values()][0];
  if (!found) throw new Error('no incident');
  return found;
}

const opened = incident().openedWallMs;
const row = (minutes: number, text: string, more: Partial<Row> = {}): Row => ({
  ...{ minute: Math.floor(opened / 60_000) + minutes, tier: 0, port: 25, address: shortAddress(text) },
  ...{ connections: 1, delivered: 0, messages: 0, refused: 2, ...more },
});

const view = (changes: Partial<EvidenceView> = {}): EvidenceView => ({
  incident: incident(),
  rows: [
    row(-2, '198.51.100.9', { messages: 1 }),
    row(0, '198.51.100.9'),
    row(1, '2001:db8:5::1'),
    row(-9000, '198.51.100.77'),
  ],
  nowMs: opened + 3_600_000,
  zone: parseZone('CET-1CEST,M3.5.0,M10.5.0/3') ?? utc,
  ...{ version: '0.1.0', class: 'iot', names: true, maker: 'Amazon' },
  groupOf: () => '198.51.0.0/16',
  ...changes,
});

describe('the evidence', () => {
  test('has what, when in both times, to where, how many, and what is not known', () => {
    const paper = evidenceOf(view());
    expect(paper).toMatchObject({
      ...{ name: "Anna's (old) TV", maker: 'Amazon', class: 'iot', state: 'open', servers_omitted: 0 },
      ...{ opened: '2026-11-21T14:00:00Z', opened_local: '2026-11-21T15:00:00+01:00' },
      ...{ connections: 3, messages: 1, refused: 6 },
    });
    expect(paper.servers).toEqual([
      { server: '198.51.100.9', group: '198.51.0.0/16', port: 25, connections: 2, messages: 1, refused: 4 },
      {
        server: '2001:db8:5::/64',
        group: '198.51.0.0/16',
        port: 25,
        connections: 1,
        messages: 0,
        refused: 2,
      },
    ]);
    expect(paper.steps.map(({ type }) => type)).toEqual(expect.arrayContaining(['opened', 'restricted']));
    expect(paper.limits.length).toBeGreaterThan(2);
  });

  test('without names has none, nor anything by which the home could be known', () => {
    const paper = evidenceOf(view({ names: false }));
    const text = JSON.stringify(paper) + renderEvidence(fieldsOf(paper));
    for (const secret of ['Anna', 'TV', 'Amazon', keyOf(tv), tv.mac, tv.mac.slice(9), tv.address, '192.168.'])
      expect(text, secret).not.toContain(secret);
    expect(paper.steps.every((step) => step.text !== '')).toBe(true);
    expect(text).toContain('198.51.100.9');
  });

  test('fits the line of the socket, and is text for people', () => {
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      row(index % 50, `198.${index & 63}.${index % 251}.9`),
    );
    const paper = evidenceOf(
      view({ rows, incident: { ...incident(), key: '2001:db8:ffff:ffff::' as DeviceKey } }),
    );
    expect(JSON.stringify(paper).length).toBeLessThan(60_000);
    expect(paper.servers).toHaveLength(64);
    expect(renderEvidence(fieldsOf(paper))).toMatch(/What was done:.+To where:.+What is not known:/s);
  });
});
