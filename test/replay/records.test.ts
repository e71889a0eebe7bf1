import { describe, expect, test } from 'vitest';
import { argusCsv } from '../../daemon/replay/argus-csv.ts';
import { conntrackLog } from '../../daemon/replay/conntrack-log.ts';
import type { LineKind, LogFormat } from '../../daemon/replay/log-format.ts';
import { nfdumpCsv } from '../../daemon/replay/nfdump-csv.ts';
import type { ReplayFlow } from '../../daemon/replay/replay-flow.ts';
import { zeekTsv } from '../../daemon/replay/zeek-tsv.ts';

/** What a format makes of lines. */
function read(format: LogFormat, ...lines: string[]): { flows: ReplayFlow[]; kinds: LineKind[] } {
  const flows: ReplayFlow[] = [];
  const parser = format.open();
  const give = (flow: ReplayFlow) => void flows.push(flow);
  const kinds = lines.map((line) => parser.line(line, give));
  parser.end(give);
  return { flows, kinds };
}

describe('nfdump', () => {
  const heading = 'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt';
  const record = (at: string, td: number, way: string, flags: string, counters: string) =>
    `2011-08-10 12:00:${at},2011-08-10 12:00:59,${td},${way},TCP,${flags},0,0,${counters}`;
  const out = '10.0.0.2,192.0.2.7,40000,25';
  const back = '192.0.2.7,10.0.0.2,25,40000';

  test('the answer may be written before the question, or after it', () => {
    const question = record('10.000', 5, out, '...AP.SF', '20,3000,0,0');
    const answer = record('10.050', 4.9, back, '...AP.SF', '18,2500,0,0');
    const wanted = { tsS: 1312977610, state: 'established', durationS: 5, out: { packets: 20, bytes: 3000 } };
    for (const lines of [
      [question, answer],
      [answer, question],
    ]) {
      const { flows } = read(nfdumpCsv, heading, ...lines);
      expect(flows).toMatchObject([{ ...wanted, back: { packets: 18, bytes: 2500 } }]);
    }
  });

  test('a refusal is an answer to a SYN', () => {
    const { flows } = read(
      nfdumpCsv,
      heading,
      record('10.000', 0, out, '......S.', '1,60,0,0'),
      record('10.001', 0, back, '...A.R..', '1,40,0,0'),
    );
    expect(flows).toMatchObject([{ state: 'refused', back: { packets: 1, bytes: 40 } }]);
  });

  test('a long flow is one, though its records are several; one record may hold both ways', () => {
    const { flows } = read(
      nfdumpCsv,
      heading,
      record('10.000', 5, out, '...AP.S.', '20,3000,15,2000'),
      record('20.000', 9, out, '...AP..F', '30,4000,25,3000'),
    );
    expect(flows).toMatchObject([
      { durationS: 19, out: { packets: 50, bytes: 7000 }, back: { packets: 40, bytes: 5000 } },
    ]);
    expect(flows[0]?.midway).toBeUndefined();
  });
});

describe('Argus', () => {
  const heading =
    'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label';
  const record = (second: number, state: string, counters: string) =>
    `2011/08/10 12:00:${second}.000000,4.000000,tcp,147.32.84.165,1027,   ->,74.125.232.195,25,${state},0,0,${counters},flow=From-Botnet-V42`;

  test('bytes are without Ethernet headers, and packets are shared out', () => {
    const { flows } = read(argusCsv, heading, record(10, 'FSPA_FSPA', '40,9560,7000'));
    // 7,000 bytes are four full segments, 2,560 one; of the other 35 packets 18 are the device's.
    expect(flows).toMatchObject([
      {
        out: { packets: 22, bytes: 7000 - 22 * 14 },
        back: { packets: 18, bytes: 2560 - 18 * 14 },
        label: 'flow=From-Botnet-V42',
        state: 'established',
      },
    ]);
  });

  test('records after the first add to it; alone they are midway', () => {
    const more = record(20, 'PA_PA', '10,1000,600');
    const { flows, kinds } = read(argusCsv, heading, record(10, 'SPA_SPA', '20,2000,1200'), more);
    expect(kinds).toEqual(['other', 'mail', 'mail']);
    expect(flows).toMatchObject([{ durationS: 14, out: { packets: 15 }, back: { packets: 15 } }]);
    expect(read(argusCsv, heading, more).flows).toMatchObject([{ midway: true }]);
  });

  test.each([
    ['REQ', 'timeout'],
    ['ACC', 'refused'],
    ['RST', 'established'],
    ['CON', 'established'],
    ['S_', 'timeout'],
    ['S_RA', 'refused'],
  ])('state %s is %s', (word, state) => {
    expect(read(argusCsv, heading, record(10, word, '20,2000,1200')).flows).toMatchObject([{ state }]);
  });

  test('a state that is none is unreadable, and so is a row without its heading', () => {
    expect(read(argusCsv, heading, record(10, 'wonder', '1,1,1')).kinds).toEqual(['other', 'unreadable']);
    expect(read(argusCsv, record(10, 'S_', '1,60,60')).kinds).toEqual(['unreadable']);
  });
});

describe('conntrack', () => {
  const tuple = 'src=192.168.1.21 dst=192.0.2.7 sport=40000 dport=25';
  const reply = 'src=192.0.2.7 dst=203.0.113.2 sport=25 dport=40000';
  const counted = (way: string, packets: number, bytes: number) => `${way} packets=${packets} bytes=${bytes}`;
  const line = (atS: number, kind: string, state: string, rest: string) =>
    `[${(1000 + atS).toFixed(6)}]\t${kind.padStart(9)} ipv4     2 tcp      6 120 ${state} ${rest}`;
  const born = line(0, '[NEW]', 'SYN_SENT', `${tuple} [UNREPLIED] ${reply} id=1`);
  const dead = (state: string, atS: number, marks = '[ASSURED] ') =>
    line(atS, '[DESTROY]', state, `${counted(tuple, 20, 3000)} ${counted(reply, 18, 2500)} ${marks}id=1`);

  test('of NEW and DESTROY alone, the two minutes of TIME_WAIT are no part of the session', () => {
    const { flows } = read(conntrackLog, born, dead('TIME_WAIT', 150));
    expect(flows).toMatchObject([{ tsS: 1000, durationS: 30, state: 'established', out: { packets: 20 } }]);
    expect(read(conntrackLog, born, dead('CLOSE', 40)).flows).toMatchObject([{ durationS: 40 }]);
    const closing = line(20, '[UPDATE]', 'LAST_ACK', `${tuple} ${reply} [ASSURED] id=1`);
    expect(read(conntrackLog, born, closing, dead('CLOSE', 40)).flows).toMatchObject([{ durationS: 20 }]);
  });

  test('an entry that was there before is midway', () => {
    expect(read(conntrackLog, dead('TIME_WAIT', 5)).flows).toMatchObject([{ midway: true, durationS: 0 }]);
    const picked = line(0, '[NEW]', 'ESTABLISHED', `${tuple} ${reply} id=1`);
    expect(read(conntrackLog, picked, dead('TIME_WAIT', 130)).flows).toMatchObject([{ midway: true }]);
  });

  test('an entry that outlives the log is unfinished', () => {
    const other = line(
      30,
      '[NEW]',
      'SYN_SENT',
      `${tuple.replace('40000', '40001')} [UNREPLIED] ${reply} id=2`,
    );
    const { flows } = read(conntrackLog, born, other);
    expect(flows).toMatchObject([
      { state: 'timeout', unfinished: true, durationS: 30 },
      { state: 'timeout', unfinished: true, durationS: 0 },
    ]);
  });

  test('a tuple that is used again is another flow', () => {
    const again = line(60, '[NEW]', 'SYN_SENT', `${tuple} [UNREPLIED] ${reply} id=9`);
    const { flows } = read(conntrackLog, born, again, dead('CLOSE', 70).replace('id=1', 'id=9'));
    expect(flows).toMatchObject([
      { tsS: 1000, unfinished: true },
      { tsS: 1060, state: 'established' },
    ]);
  });

  test('one packet back is a refusal, and a redirect keeps where it went', () => {
    const refused = line(
      0.1,
      '[DESTROY]',
      'CLOSE',
      `${counted(tuple, 1, 60)} [UNREPLIED] ${counted(reply, 1, 40)} id=1`,
    );
    expect(read(conntrackLog, born, refused).flows).toMatchObject([{ state: 'refused' }]);
    const hairpin = born.replace('src=192.0.2.7 ', 'src=192.168.1.5 ');
    expect(read(conntrackLog, hairpin).flows).toMatchObject([{ replySrc: '192.168.1.5' }]);
  });

  test('lines without a time are unreadable', () => {
    const { kinds } = read(
      conntrackLog,
      born.replace(/^\[.*?\]/, ''),
      'words',
      '[1.0] [NEW] udp src=1 dst=2 ',
    );
    expect(kinds).toEqual(['unreadable', 'unreadable', 'other']);
  });
});

test('Zeek: each state of a connection, and logs that were put together', () => {
  const fields =
    '#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\torig_bytes\tconn_state\torig_pkts\tresp_pkts\torig_l2_addr';
  const row = (state: string, bytes = '500') =>
    `1.5\t10.0.0.2\t40000\t192.0.2.7\t25\ttcp\t-\t${bytes}\t${state}\t9\t8\tec:71:db:00:11:22`;
  const states = ['S0', 'SH', 'RSTOS0', 'REJ', 'RSTRH', 'SF', 'S1', 'RSTO', 'RSTR', 'OTH'];
  const { flows } = read(zeekTsv, fields, ...states.map((state) => row(state)), row('SF', '0'));
  expect(flows.map(({ state, midway }) => (midway ? `midway ${state}` : state))).toEqual([
    ...['timeout', 'timeout', 'timeout', 'refused', 'refused'],
    ...['established', 'established', 'established', 'established', 'midway established', 'est_nodata'],
  ]);
  expect(flows[5]).toMatchObject({ mac: 'ec:71:db:00:11:22', out: { packets: 9, bytes: 860 }, durationS: 0 });
  expect(flows[5]?.back).toBeUndefined();
  const other = '#fields\tts\tproto\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tconn_state';
  const second = read(zeekTsv, fields, row('SF'), other, '2\ttcp\t10.0.0.2\t40000\t192.0.2.7\t587\tS0');
  expect(second.flows.map(({ dport }) => dport)).toEqual([25, 587]);
  expect(read(zeekTsv, row('SF')).kinds).toEqual(['unreadable']);
});
