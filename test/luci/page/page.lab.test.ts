import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { household } from '../../engine/household.ts';
import { keyOf, laptop, servers, tv, world } from '../../engine/world.ts';
import { describeUnless } from '../../lab/describe-lab.ts';
import { browserObstacle, overflow, seriousFaults, startBrowser } from './browser.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { askEngine, withIncidents, withText } from './memory.ts';
import { Baseline } from './pictures.ts';

const baseline = new Baseline('test/luci/page/baseline/page.json');
const hostile = [
  ['an image that runs a script', '<img src=x onerror="window.hit=1">'],
  ['quotes that end an attribute', `"'><script>window.hit=1</script>`],
  ['marks that turn the text round', '\u202egnp.exe\u2066\u200f'],
  ['255 bytes without a gap', 'x'.repeat(255)],
  ['control characters', 'a\u0000b\u0007c\r\nd\u009b'],
  ['what formats a string', '%s%h%d&lt;b&gt;'],
] as const;

describeUnless(browserObstacle(), 'the status page', () => {
  let browser: Browser;
  let page: Page;
  let gateway: Gateway;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    gateway = await startGateway(() => Promise.resolve({}));
    page = await browser.newPage({ viewport: { width: 768, height: 900 } });
    page.on('pageerror', (error) => errors.push(String(error)));
  });
  afterAll(async () => {
    baseline.close();
    await browser?.close();
    await gateway?.stop();
  });
  afterEach(() => {
    expect(errors.splice(0)).toEqual([]);
  });

  const open = async (url = gateway.url()) => {
    gateway.isReadOnly = false;
    gateway.asked.length = 0;
    await page.goto(url);
  };
  const sentence = () => page.locator('.postern-sentence');

  /** A television that is a bot, and a laptop that mails. */
  function caught() {
    const home = world();
    home.open(laptop.address, servers[40] ?? '', 587);
    for (const server of servers.slice(0, 20)) home.open(tv.address, server);
    home.ask('block', { device: keyOf(tv), for: '1h' });
    return home;
  }

  test.each(hostile)('%s is text wherever it stands', async (_what, text) => {
    gateway.ask = withText(askEngine(caught()), text);
    await open();
    await page.locator('.postern-device summary').first().click();
    await page.locator('.postern-incidents summary').first().click();
    await page.locator('.postern-device dl').first().waitFor();
    await page.locator('.postern-story').first().waitFor();
    await page
      .getByRole('button', { name: /^Release/ })
      .first()
      .click();
    await page.locator('.modal h4').waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(await page.locator('#view img, #view script, #view b, .modal img, .modal script').count()).toBe(0);
    const shown = await page.locator('body').textContent();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0008\u007f-\u009f\u202a-\u202e\u2066\u200f]/);
    expect(shown).toContain(text.replace(/[^ -~]/g, '\ufffd').slice(0, 20));
    for (const width of [360, 768]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
  });

  test('250 devices: those with trouble first, all others in a fold that is filled when it is opened', async () => {
    const home = household(250);
    expect(home.state.records.size).toBeGreaterThanOrEqual(250);
    const answers = askEngine(home);
    let further = 0;
    gateway.ask = (verb, args) => {
      if (args['after'] !== undefined) further++;
      return answers(verb, args);
    };
    await open();
    await page.locator('.postern-device').first().waitFor();
    const shown = await page.locator('.postern-device').count();
    expect(shown).toBeLessThanOrEqual(40);
    expect(further).toBe(0);
    expect(await page.locator('.postern-device').first().getAttribute('class')).toContain('troubled');
    await page.setViewportSize({ width: 360, height: 900 });
    expect(await baseline.differences(page, 'devices-250')).toEqual([]);
    await page.locator('[data-fold=others] > summary').click();
    await expect.poll(() => page.locator('.postern-device').count()).toBe(home.state.records.size);
    const keys = await page
      .locator('.postern-device')
      .evaluateAll((all) => all.map((one) => (one as unknown as { dataset: { key: string } }).dataset.key));
    expect(new Set(keys).size).toBe(keys.length);
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
  });

  test('incidents come a page at a time; a poll keeps them, moves nothing, and makes anew only what it asked for', async () => {
    const home = household(250);
    gateway.ask = withIncidents(askEngine(home), 105);
    await open();
    await page.locator('[data-fold=others] > summary').click();
    await expect.poll(() => page.locator('.postern-device').count()).toBe(home.state.records.size);
    const shown = page.locator('.postern-incidents > li');
    for (const count of [20, 30, 40]) {
      await page.getByRole('button', { name: 'Show older incidents' }).click();
      await expect.poll(() => shown.count()).toBe(count);
    }
    await page.evaluate(`window.shift = 0; window.made = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shift += value;
      }).observe({ type: 'layout-shift' });
      const create = document.createElement;
      document.createElement = (name) => (name === 'details' && window.made++, create.call(document, name))`);
    await nextPoll();
    expect(await shown.count()).toBe(40);
    expect(await page.evaluate('window.shift')).toBe(0);
    // The first page of each list and the folds of the page itself.
    expect(await page.evaluate('window.made')).toBeGreaterThan(40);
    expect(await page.evaluate('window.made')).toBeLessThanOrEqual(40 + 10 + 5);
    const last = shown.last();
    await last.locator('summary').click();
    await expect.poll(() => last.locator('.postern-story li').count()).toBeGreaterThan(0);
    await last.locator('summary').click();
    await expect.poll(() => last.locator('.postern-story').count()).toBe(0);
  });

  /** Waits until the page has asked anew and shown the answer. */
  async function nextPoll(): Promise<void> {
    const before = gateway.asked.length;
    await expect
      .poll(() => gateway.asked.slice(before).includes('incidents'), { timeout: 15_000 })
      .toBe(true);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))');
  }

  test('a poll takes away neither the focus, nor an open fold, nor what is typed, nor the place', async () => {
    const home = caught();
    gateway.ask = askEngine(home);
    await open();
    await page.locator('.postern-device summary').first().click();
    await page.locator('.postern-who summary').click();
    await page.locator('#postern-notice').fill('half a notice');
    await page.locator('.postern-device summary').first().focus();
    await page.evaluate('window.scrollTo(0, 120)');
    const before = await page.evaluate('window.scrollY');
    // Another device takes the first place meanwhile.
    home.ask('release', { device: keyOf(tv), for: '10m' });
    home.ask('block', { device: keyOf(laptop) });
    await nextPoll();
    await expect
      .poll(() => page.locator('.postern-device').first().getAttribute('data-key'))
      .toBe(keyOf(laptop));
    const fold = 'document.activeElement.closest("summary").parentNode';
    expect(await page.evaluate(`${fold}.open && ${fold}.closest('.postern-device').dataset.key`)).toBe(
      keyOf(tv),
    );
    expect(await page.locator('#postern-notice').inputValue()).toBe('half a notice');
    expect(await page.evaluate('window.scrollY')).toBe(before);
  });

  test('a tab that nobody looks at asks nothing, and asks at once when it is looked at again', async () => {
    gateway.ask = askEngine(caught());
    await open();
    await sentence().waitFor();
    const look = (isHidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await look(true);
    await page.evaluate('new Promise((done) => setTimeout(done, 500))');
    gateway.asked.length = 0;
    await page.evaluate('for (let second = 0; second < 20; second++) L.poll.step()');
    await page.evaluate('new Promise((done) => setTimeout(done, 200))');
    expect(gateway.asked).toEqual([]);
    await look(false);
    await expect.poll(() => gateway.asked).toContain('status');
  });

  test('a login that may only read is offered no action, and none works', async () => {
    const home = caught();
    gateway.ask = askEngine(home);
    gateway.isReadOnly = true;
    await page.goto(gateway.url());
    await page.locator('.postern-device summary').first().click();
    await page.locator('.postern-device dl').first().waitFor();
    const buttons = await page.getByRole('button').allInnerTexts();
    expect(buttons.filter((text) => !/Find|Download|older/.test(text))).toEqual([]);
    const forced = await page.evaluate(
      `L.require('postern.client').then((client) => client.ask('release', { device: '${keyOf(tv)}' }))`,
    );
    expect(forced).toMatchObject({ error: { message: expect.stringContaining('Permission denied') } });
    expect(home.state.records.get(keyOf(tv))?.ban).toBeDefined();
    gateway.isReadOnly = false;
  });

  test('who may not see the settings is not led there: LuCI would answer with an empty 403', async () => {
    gateway.ask = askEngine(caught());
    const link = page.locator('[data-key=actions] a');
    for (const maySet of [true, false]) {
      gateway.maySet = maySet;
      await open();
      await page.locator('[data-do=release]').waitFor();
      expect(await link.count()).toBe(maySet ? 1 : 0);
    }
    gateway.maySet = true;
  });

  test('a late answer of a slow router is waited for; two late ones are told, and what was known stays', async () => {
    const answers = askEngine(caught());
    const late = {
      error: { code: 'timeout', message: 'Postern did not answer within a second', remedy: 'Try again.' },
    };
    let isLate = false;
    let lateStatus = 0;
    gateway.ask = async (verb, args) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      if (isLate && verb === 'status') lateStatus++;
      return isLate ? late : answers(verb, args);
    };
    await open();
    await expect.poll(() => sentence().textContent(), { timeout: 15_000 }).toContain('Its mail is blocked');
    isLate = true;
    await expect.poll(() => lateStatus, { timeout: 15_000 }).toBe(1);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 1000)))');
    expect(await sentence().textContent()).toContain('Its mail is blocked');
    await expect.poll(() => sentence().textContent(), { timeout: 20_000 }).toContain('did not answer');
    expect(await page.locator('.postern-device').count()).toBeGreaterThan(0);
    isLate = false;
    await expect.poll(() => sentence().textContent(), { timeout: 20_000 }).toContain('Its mail is blocked');
  });

  test.each(['service_stopped', 'service_disabled', 'no_node', 'starting'])(
    '%s is said, with what to do',
    async (code) => {
      gateway.ask = () =>
        Promise.resolve({ error: { code, message: `It is ${code}`, remedy: 'Do something.' } });
      await open();
      expect(await sentence().textContent()).toBe(`It is ${code}`);
      expect(await page.locator('.postern-now').textContent()).toContain('Do something.');
      expect(await page.locator('.postern-controls, .postern-device').count()).toBe(0);
      expect(await seriousFaults(page)).toEqual([]);
    },
  );
});
