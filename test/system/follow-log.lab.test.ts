import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type FollowedLog, followLog } from '../../daemon/system/follow-log.ts';

// Among the lab's tests since those have processes of their own: a worker thread closes the descriptors that it believes
// open when it ends, and those of FIFOs are closed by the socket on them.
const folder = mkdtempSync(join(tmpdir(), 'postern-follow-'));
afterAll(() => rmSync(folder, { recursive: true }));

let log: FollowedLog | undefined;
afterEach(() => log?.stop());

let count = 0;
function follow(path = join(folder, `log-${++count}`)) {
  const seen = { path, text: '', troubles: [] as (string | undefined)[] };
  const start = () => {
    log = followLog(path, {
      text: (text) => {
        seen.text += text;
      },
      trouble: (reason) => seen.troubles.push(reason),
    });
  };
  return { seen, start };
}
const until = (get: () => unknown) => expect.poll(get, { timeout: 10_000, interval: 20 });

describe('a file', () => {
  test('is followed from its present end', async () => {
    const { seen, start } = follow();
    writeFileSync(seen.path, 'old\n');
    start();
    appendFileSync(seen.path, 'one\ntw');
    await until(() => seen.text).toBe('one\ntw');
    appendFileSync(seen.path, 'o\n');
    await until(() => seen.text).toBe('one\ntwo\n');
    expect(seen.troubles).toEqual([undefined]);
  });

  test('that is emptied is read from its beginning', async () => {
    const { seen, start } = follow();
    writeFileSync(seen.path, 'a long line of old\n');
    start();
    appendFileSync(seen.path, 'one\n');
    await until(() => seen.text).toBe('one\n');
    truncateSync(seen.path, 0);
    appendFileSync(seen.path, 'two\n');
    await until(() => seen.text).toBe('one\ntwo\n');
  });

  test('that is moved away is read to its end, and then the new one', async () => {
    const { seen, start } = follow();
    writeFileSync(seen.path, '');
    start();
    renameSync(seen.path, `${seen.path}.1`);
    appendFileSync(`${seen.path}.1`, 'one\n');
    writeFileSync(seen.path, 'two\n');
    await until(() => seen.text).toBe('one\ntwo\n');
    rmSync(seen.path);
    await until(() => seen.troubles.at(-1)).toMatch(/ENOENT/);
    writeFileSync(seen.path, 'three\n');
    await until(() => seen.text).toBe('one\ntwo\nthree\n');
    await until(() => seen.troubles.at(-1)).toBeUndefined();
  });

  test('that is not there yet is waited for', async () => {
    const { seen, start } = follow();
    start();
    expect(seen.troubles[0]).toMatch(/ENOENT/);
    writeFileSync(seen.path, 'one\n');
    await until(() => seen.text).toBe('one\n');
  });

  test('that grew too fast is gone on with near its end', async () => {
    const { seen, start } = follow();
    writeFileSync(seen.path, '');
    start();
    writeFileSync(seen.path, `${'x'.repeat(4 * 1024 * 1024)}end\n`);
    await until(() => seen.text.endsWith('end\n')).toBe(true);
    expect(seen.text.length).toBeLessThan(1024 * 1024);
  });
});

test('what is neither a file nor a FIFO is trouble, told once', async () => {
  const { seen, start } = follow(folder);
  start();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(seen.troubles).toEqual(['neither a file nor a FIFO']);
});

describe('a FIFO', () => {
  const fifo = () => {
    const made = follow();
    execFileSync('mkfifo', [made.seen.path]);
    return made;
  };
  const write = (path: string, text: string) => {
    // Fails at once where nobody reads.
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, text);
    closeSync(fd);
  };

  test('needs no writer to be opened, and outlives any number of them', async () => {
    const { seen, start } = fifo();
    start();
    expect(seen.troubles).toEqual([undefined]);
    for (const text of ['one\n', 'two\n', 'three\n']) {
      const before = seen.text;
      write(seen.path, text);
      await until(() => seen.text).toBe(before + text);
    }
  });

  test('always has a reader while it is followed, and none after', () => {
    const { seen, start } = fifo();
    expect(() => write(seen.path, 'x')).toThrow(/ENXIO/);
    start();
    write(seen.path, 'x');
    log?.stop();
    expect(() => write(seen.path, 'x')).toThrow(/ENXIO/);
  });

  test('is drained as fast as it fills, and nothing of it is lost', async () => {
    const { seen, start } = fifo();
    start();
    const fd = openSync(seen.path, constants.O_WRONLY | constants.O_NONBLOCK);
    const line = `${'y'.repeat(1023)}\n`;
    let written = 0;
    while (written < 400) {
      try {
        writeSync(fd, line);
        written++;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await until(() => seen.text.length).toBe(400 * 1024);
  });

  test('that is made anew is read anew', async () => {
    const { seen, start } = fifo();
    start();
    rmSync(seen.path);
    execFileSync('mkfifo', [`${seen.path}.new`]);
    renameSync(`${seen.path}.new`, seen.path);
    await until(() => {
      try {
        write(seen.path, 'one\n');
      } catch {}
      return seen.text;
    }).toContain('one\n');
  });
});
