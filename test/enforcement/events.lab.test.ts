import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Enforcer } from '../../daemon/enforcement/enforcer.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { ruleset } from './rulesets.ts';
import { client, SmallNet, server4, server6 } from './small-net.ts';

describeLab('the mask over conntrack events', () => {
  let net: SmallNet;
  let enforcer: Enforcer;

  beforeAll(async () => {
    net = new SmallNet();
    await net.start();
    enforcer = new Enforcer(net.nft, () => performance.now());
  });
  afterAll(() => net?.stop());

  /** Lines of `conntrack -E` while something happens. */
  const linesDuring = async (happens: () => Promise<void>) => {
    const listener = net.spawn('router', ['conntrack', '-E', '-o', 'timestamp,id,extended']);
    let text = '';
    listener.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await sleep(300);
    await happens();
    await sleep(500);
    listener.kill();
    return text.split('\n').filter((line) => line !== '');
  };
  const other = async () => {
    for (let i = 0; i < 30; i++) await net.dial('client', i % 2 ? server4 : server6, 80);
    await net.ask('client', { do: 'datagram', host: server4, port: 53, timeoutMs: 200 });
    await net.dial('router', server4, 80);
    await net.dial('client', '10.77.1.1', 80);
    // From upstream: into the home, and to the router.
    await net.dial('server', client.ip4, 80);
    await net.dial('server', '10.77.9.1', 80);
  };

  test('with it, only mail flows make events, complete ones', async () => {
    await enforcer.apply(ruleset({ maskEvents: true }), 0);
    const lines = await linesDuring(async () => {
      await other();
      for (const to of [server4, server6]) {
        const { socket } = await net.connect('client', to, 587, { keep: true });
        await net.send('client', socket, 100);
      }
      await net.dial('client', server4, 2525);
      await net.dial('router', server4, 25);
    });
    expect(lines.filter((line) => !/dport=(25|587|2525) /.test(line))).toEqual([]);
    const of = (kind: string, what: RegExp) =>
      lines.filter((line) => line.includes(`[${kind}]`) && what.test(line));
    expect(of('NEW', /dport=587/)).toHaveLength(2);
    expect(of('UPDATE', /ESTABLISHED.*dport=587.*\[ASSURED\]/).length).toBeGreaterThanOrEqual(2);
    expect(of('NEW', /dport=2525/)).toHaveLength(1);
    expect(of('NEW', /dport=25 /)).toHaveLength(1);
    net.try('router', ['conntrack', '-D', '-p', 'tcp', '--dport', '587']);
  });

  test('a mail flow ends with a DESTROY', async () => {
    await enforcer.apply(ruleset({ maskEvents: true }), 0);
    const lines = await linesDuring(async () => {
      const { socket } = await net.connect('client', server4, 465, { keep: true });
      await net.send('client', socket, 100);
      net.run('router', ['conntrack', '-D', '-p', 'tcp', '--dport', '465']);
    });
    expect(lines.filter((line) => line.includes('[DESTROY]') && line.includes('dport=465'))).toHaveLength(1);
  });

  test('without it, everything makes events', async () => {
    await enforcer.apply(ruleset(), 0);
    const lines = await linesDuring(other);
    expect(
      lines.filter((line) => line.includes('[NEW]') && line.includes('dport=80')).length,
    ).toBeGreaterThanOrEqual(30);
  });
});
