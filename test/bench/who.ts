import type { DeviceKey } from '../../daemon/address/device-key.ts';
import type { MailPort } from '../../daemon/conntrack/flow.ts';
import { decodeHistory } from '../../daemon/history/decode.ts';
import { encodeHistory } from '../../daemon/history/encode.ts';
import { History } from '../../daemon/history/history.ts';
import { Timeline } from '../../daemon/history/timeline.ts';
import { answerWho } from '../../daemon/history/who-answer.ts';
import { readAsked } from '../../daemon/history/who-asked.ts';
import { utc } from '../../daemon/history/zone.ts';
import type { Bench } from './bench-types.ts';
import { rounded } from './numbers.ts';

const startMs = Date.UTC(2026, 9, 22);
const dayMs = 86_400_000;
const days = 30;
const asks = 200;

/** A home of 14 devices of which six mail, and a bot: 40 rows a day for each, and a server a second for two hours a day. */
function fill(): { readonly history: History; readonly noted: number; readonly ms: number } {
  const history = new History(new Timeline({ nowMs: 0, wallMs: startMs }));
  const beganMs = performance.now();
  let noted = 0;
  const note = (ms: number, device: number, server: number, port: MailPort) => {
    const key = `ec71db00000${device}` as DeviceKey;
    const address = `${11 + (server % 200)}.40.${server % 251}.25`;
    history.note({ key, address, port, connections: 1, messages: 1 }, { nowMs: ms, wallMs: startMs + ms });
    noted++;
  };
  for (let day = 0; day < days; day++) {
    for (let turn = 0; turn < 40; turn++)
      for (let device = 0; device < 6; device++) note(day * dayMs + turn * 2_100_000, device, device, 587);
    for (let second = 0; second < 7200; second++)
      note(day * dayMs + 70_000_000 + second * 1000, 9, noted, 25);
    history.sweep();
  }
  return { history, noted, ms: performance.now() - beganMs };
}

/**
 * How long it takes to say whose fault it was, over 30 days and with every row in use, and what the history costs. Without a
 * lab: what the socket and the process add is a few milliseconds, and measured by nobody.
 */
export const who: Bench = {
  name: 'who',
  about: 'time to answer who over 30 days with all rows in use, and size of the history',
  withoutLab: true,
  run(say) {
    const { history, noted, ms } = fill();
    const view = {
      history,
      zone: utc,
      describe: () => ({ class: 'iot' }),
      groupOf: (address: string) => address,
    };
    const times: number[] = [];
    let answered = 0;
    for (let turn = 0; turn < asks; turn++) {
      const at = new Date(startMs + ((turn + 0.5) * days * dayMs) / asks).toISOString();
      const read = readAsked({ at }, utc);
      if ('fault' in read) throw new Error(read.fault);
      const beganMs = performance.now();
      if (answerWho(view, read.asked, read.notes).answers.length > 0) answered++;
      times.push(performance.now() - beganMs);
    }
    times.sort((a, b) => a - b);
    const beganMs = performance.now();
    const bytes = encodeHistory(history, '');
    const encodedMs = performance.now() - beganMs;
    decodeHistory(bytes, { nowMs: 0, wallMs: startMs + days * dayMs });
    const decodedMs = performance.now() - beganMs - encodedMs;
    say(
      `${noted} connections noted in ${Math.round(ms)} ms; ${history.pool.used} rows, ${history.pool.bytes} bytes`,
    );
    say(`${answered} of ${asks} times had a device; the file has ${bytes.length} bytes`);
    return Promise.resolve({
      who_median_ms: rounded(times[asks / 2] ?? Number.NaN, 1),
      who_most_ms: rounded(times.at(-1) ?? Number.NaN, 1),
      note_us: rounded((ms * 1000) / noted, 1),
      rows: history.pool.used,
      memory_kb: Math.round(history.pool.bytes / 1000),
      file_kb: Math.round(bytes.length / 1000),
      write_ms: rounded(encodedMs, 1),
      read_ms: rounded(decodedMs, 1),
    });
  },
};
