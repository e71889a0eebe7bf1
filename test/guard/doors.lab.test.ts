import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { infect } from './bots.ts';
import { type Guard, startGuard } from './guard.ts';

/** As firewall4 writes a port forward of its owner's, with the jump that it makes of the zone. */
const forward = (address: string) => `
table inet fw4 {
	chain dstnat { iifname "wan" jump dstnat_wan; }
	chain dstnat_wan {
		meta nfproto ipv4 tcp dport 8080 counter dnat ip to ${address}:80 comment "!fw4: Web cam"
	}
}`;

describeLab('the door of a device', () => {
  let lab: Lab;
  let guard: Guard;

  beforeAll(async () => {
    lab = await startLab();
    await lab.run('router', ['nft', forward(lab.devices.camera.ip4)]);
    guard = await startGuard(lab, { isJailed: true });
    const bot = await infect(lab, 'camera', '4', { durationS: 4 });
    await bot.done;
  });
  afterAll(async () => {
    await guard?.stop();
    await lab?.stop();
  });

  test('is in the alert, in what to do, and gone when it is closed', async () => {
    const { mac, ip4 } = lab.devices.camera;
    const held = await guard.until(mac, ({ doors }) => doors !== undefined, 20_000);
    expect(held.state).toBe('blocked');
    const door = { kind: 'port forward', protocol: 'tcp', ports: '8080', port: '80', name: 'Web cam' };
    expect(held.doors).toEqual([{ ...door, address: ip4 }]);
    expect(held).not.toHaveProperty('doors_unread');
    expect(held.remedies?.[0]).toContain('Close port forward 8080 (Web cam) to it');
    expect(await guard.cli('device', mac)).toContain(`port forward 8080/tcp (Web cam) to ${ip4}, port 80`);
    expect(await guard.cli('incident', held.incident ?? '')).toContain(
      'can be reached from the internet. What leads to it: port forward 8080 (Web cam), to its port 80.',
    );
    await lab.run('router', ['nft', 'flush chain inet fw4 dstnat_wan']);
    await guard.until(mac, ({ doors }) => doors?.length === 0, 10_000);
  });
});
