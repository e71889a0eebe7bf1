import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staticScript } from '../../daemon/enforcement/static-script.ts';
import { stateText } from '../../daemon/engine/fit-snapshot.ts';
import { takeSnapshot } from '../../daemon/engine/snapshot.ts';
import { createWriteGate, writeLimits } from '../../daemon/engine/write-gate.ts';
import { openHistory } from '../../daemon/main-history.ts';
import type { Running } from '../../daemon/main-running.ts';
import { mail } from '../engine/household.ts';
import { laptop, mac, servers, startWallMs, world } from '../engine/world.ts';
import type { Bench } from './bench-types.ts';

const dayMs = 86_400_000;
const days = 7;
const tickMs = 5000;
/** The attacker takes another MAC and address so often, and knocks at a new server with each tick. */
const anewMs = 600_000;

interface Written {
  /** Of each day, how often the state was written. */
  readonly writes: number[];
  readonly stateBytes: number[];
  readonly guardBytes: number[];
  readonly historyBytes: number[];
  readonly historyWrites: number[];
}

const zeros = () => Array.from({ length: days }, () => 0);

/** A week of the engine, the write gate and the history's file as the daemon wires them, on a clock of its own. */
async function week(isAttacked: boolean): Promise<Written> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-flash-'));
  const path = join(folder, 'history.bin');
  const made = world();
  const gate = createWriteGate();
  // The history's port to the rest of the daemon: what it tells is nothing to the flash.
  const running = { state: made.state, dispatch: () => undefined } as unknown as Running;
  const history = await openHistory(running, path);
  const beganMs = made.nowMs;
  const written = {
    ...{ writes: zeros(), stateBytes: zeros(), guardBytes: zeros() },
    ...{ historyBytes: zeros(), historyWrites: zeros() },
  };
  let ruleset = made.ruleset();
  let isHistoryDue = false;
  try {
    for (let tick = 1; tick * tickMs < days * dayMs; tick++) {
      made.nowMs = beganMs + tick * tickMs;
      const at = { nowMs: made.nowMs, wallMs: startWallMs + made.nowMs - beganMs };
      if (tick % 12 === 0) made.refresh();
      happen(made, tick, isAttacked);
      made.give({ type: 'tick' });
      for (const effect of made.effects.splice(0)) {
        if (effect.type === 'apply') ruleset = effect.ruleset();
        if (effect.type === 'mail') history.note(effect.seen, at);
        if (effect.type === 'event') gate.ask(false);
        if (effect.type === 'persist') gate.ask(effect.urgent);
      }
      made.inputs.length = 0;
      // Each five minutes is often enough for a file of an hour.
      if (tick % 60 === 0) isHistoryDue ||= history.tick(at);
      if (isHistoryDue) gate.ask(false);
      if (!gate.take(made.nowMs)) continue;
      const day = Math.floor((made.nowMs - beganMs) / dayMs);
      const add = (list: number[], amount: number) => {
        list[day] = (list[day] ?? 0) + amount;
      };
      add(written.writes, 1);
      add(written.stateBytes, Buffer.byteLength(stateText(takeSnapshot(made.state, at), [])));
      if (ruleset) add(written.guardBytes, Buffer.byteLength(staticScript(ruleset, made.nowMs)));
      if (!isHistoryDue) continue;
      isHistoryDue = false;
      await history.save(at);
      add(written.historyWrites, 1);
      if (existsSync(path)) add(written.historyBytes, statSync(path).size);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return written;
}

/** The household mails now and then; the attacker always, as a device that nobody saw before each few minutes. */
function happen(made: ReturnType<typeof world>, tick: number, isAttacked: boolean): void {
  if (tick % 720 === 0) mail(made, laptop.address, servers[0] ?? '');
  if (!isAttacked) return;
  const number = Math.floor((tick * tickMs) / anewMs);
  const address = `192.168.1.${100 + (number % 150)}`;
  if ((tick * tickMs) % anewMs < tickMs) {
    const hex = (number % 65_536).toString(16).padStart(4, '0');
    const owner = mac(`02:66:66:66:${hex.slice(0, 2)}:${hex.slice(2)}`);
    made.give({ type: 'leases', leases: [{ mac: owner, address }] });
    made.give({
      type: 'neighbours',
      neighbours: [{ mac: owner, address, interface: 'br-lan', fresh: true }],
    });
  }
  made.open(address, `${11 + (tick % 190)}.${tick % 251}.7.25`);
}

/** How often and how much is written to flash in a week, in a quiet home and in one with an attacker. Without a lab. */
export const flash: Bench = {
  name: 'flash',
  about: 'writes to flash over a simulated week, quiet and with an attacker who is new every ten minutes',
  withoutLab: true,
  async run(say) {
    const figures: Record<string, number> = {};
    for (const [name, isAttacked] of [
      ['quiet', false],
      ['attacked', true],
    ] as const) {
      const { writes, stateBytes, guardBytes, historyBytes, historyWrites } = await week(isAttacked);
      const most = Math.max(...writes);
      const total = stateBytes.map((bytes, day) => bytes + (guardBytes[day] ?? 0) + (historyBytes[day] ?? 0));
      say(`${name}: ${writes.join(', ')} writes a day, ${historyWrites.join(', ')} of them with the history`);
      say(`${name}: ${total.map((bytes) => `${(bytes / 1e6).toFixed(2)} MB`).join(', ')} a day`);
      if (most > writeLimits.perDay)
        throw new Error(`${most} writes in a day, ${writeLimits.perDay} at most`);
      figures[`${name}_writes_per_day`] = most;
      figures[`${name}_state_bytes_per_day`] = Math.max(...stateBytes);
      figures[`${name}_guard_bytes_per_day`] = Math.max(...guardBytes);
      figures[`${name}_history_bytes_per_day`] = Math.max(...historyBytes);
      figures[`${name}_history_writes_per_day`] = Math.max(...historyWrites);
      figures[`${name}_bytes_per_day`] = Math.max(...total);
    }
    return figures;
  },
};
