import { describe, expect, it } from 'vitest';
import { createLog } from '../../daemon/system/log.ts';

function setUp(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  return { lines, log: createLog(level, (fd, line) => void lines.push(`${fd} ${line}`)) };
}

describe('log', () => {
  it('writes plain lines, warnings and errors to stderr', () => {
    const { lines, log } = setUp('debug');
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      log.write(level, 'The camera was restricted.');
    expect(lines).toEqual([
      '1 debug: The camera was restricted.\n',
      '1 The camera was restricted.\n',
      '2 warn: The camera was restricted.\n',
      '2 error: The camera was restricted.\n',
    ]);
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = setUp('warn');
    log.write('info', 'a');
    log.setLevel('info');
    log.write('info', 'b');
    log.write('debug', 'c');
    expect(lines).toEqual(['1 b\n']);
  });

  it('keeps a text to one harmless line', () => {
    const { lines, log } = setUp();
    log.write('info', `x\nerror: forged\u001b[2J${'y'.repeat(5000)}`);
    expect(lines[0]).toMatch(/^1 x\?error: forged\?\[2Jy+\n$/);
    expect(lines[0]?.length).toBeLessThan(1000);
  });

  it('goes on and counts where nobody can read', () => {
    const log = createLog('info', () => {
      throw new Error('EAGAIN');
    });
    log.write('info', 'a');
    log.write('debug', 'b');
    expect(log.lost()).toBe(1);
  });
});
