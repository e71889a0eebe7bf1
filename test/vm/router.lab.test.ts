import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeMachine } from './describe-machine.ts';
import { bootMachine, type Machine } from './machine.ts';

let machine: Machine;

describeMachine('a router in a virtual machine', () => {
  beforeAll(async () => {
    machine = await bootMachine();
    console.log(`booted in ${machine.bootMs} ms`);
  });

  afterAll(() => machine.cutPower());

  test('boots within 15 s', () => {
    expect(machine.bootMs).toBeLessThanOrEqual(15_000);
  });

  test('with flow offloading: no message of a live session gets out 1 s after its device is blocked', async () => {
    const { before, after, lastMessageAfterMs, steps, degraded } = await machine.play('offload');
    console.log(`last message ${lastMessageAfterMs} ms after the block`);
    expect(before).toContain('[OFFLOAD]');
    expect(lastMessageAfterMs).toBeLessThanOrEqual(1000);
    // The row is gone, and with it what carried the session past the rules.
    expect(after).toBe('');
    expect(steps.map(({ type }) => type)).toEqual(['opened', 'blocked', 'verified']);
    expect(steps.at(-1)?.text).toContain('1 offloaded connections were ended one by one');
    expect(degraded).toContain('flow_offload');
  });
});
