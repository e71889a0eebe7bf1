import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Listing } from '../../../daemon/blocklists/listing.ts';
import type { Input } from '../../../daemon/engine/input.ts';
import { keyOf, servers, tv, type World, world } from '../../engine/world.ts';
import { describeUnless } from '../../lab/describe-lab.ts';
import { browserObstacle, overflow, seriousFaults, startBrowser } from './browser.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { askEngine, withText } from './memory.ts';

const zen = 'zen.spamhaus.org';
const listing = (state: Listing['state'], more: Partial<Listing> = {}): Listing => ({
  ...{ list: zen, address: '9.9.9.9', state },
  ...more,
});

describeUnless(browserObstacle(), 'what a household asks beyond the block', () => {
  let browser: Browser;
  let page: Page;
  let gateway: Gateway;
  let home: World;

  beforeAll(async () => {
    browser = await startBrowser();
    gateway = await startGateway(() => Promise.resolve({}));
    page = await browser.newPage({ viewport: { width: 360, height: 900 } });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });
  beforeEach(() => {
    home = world({ blocklists: [zen] });
    gateway.ask = askEngine(home);
    gateway.asked.length = 0;
    gateway.isReadOnly = false;
  });
  const says = (...listings: Listing[]) => home.give({ type: 'looked_up', shared: false, listings });
  const section = () => page.locator('[data-key=blocklists]');

  test('our address on a list: in the sentence, with the reason and a link; asked again by a button', async () => {
    says(listing('listed', { reason: 'XBL: infected', link: 'https://check.example/9.9.9.9' }));
    await page.goto(gateway.url());
    expect(await page.locator('.postern-sentence').textContent()).toMatch(/9\.9\.9\.9 .*zen\.spamhaus\.org/);
    expect(await section().textContent()).toMatch(/zen\.spamhaus\.org.*LISTED.*XBL: infected/);
    expect(await section().locator('a').getAttribute('href')).toBe('https://check.example/9.9.9.9');
    expect(await section().locator('a').getAttribute('rel')).toContain('noopener');
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await seriousFaults(page)).toEqual([]);
    await section().getByRole('button').click();
    await expect.poll(() => home.effects.filter(({ type }) => type === 'look_up').length).toBe(1);
    says(listing('clear'));
    await expect.poll(() => section().textContent(), { timeout: 15_000 }).toContain('not listed');
  });

  test('a link is only one if it leads to the web, and words are only words', async () => {
    says(listing('listed', { reason: 'x', link: 'javascript:window.hit=1' }));
    await page.goto(gateway.url());
    await section().waitFor();
    expect(await section().locator('a').count()).toBe(0);
    gateway.ask = withText(askEngine(home), '<img src=x onerror="window.hit=1">');
    await page.goto(gateway.url());
    await section().waitFor();
    expect(await section().locator('a, img').count()).toBe(0);
    expect(await page.evaluate('window.hit')).toBeUndefined();
  });

  test('nothing is said of lists where nobody named one; an address of many homes is said to be one', async () => {
    gateway.ask = askEngine(world());
    await page.goto(gateway.url());
    await page.locator('.postern-sentence').waitFor();
    expect(await section().count()).toBe(0);
    home.give({ type: 'looked_up', shared: true, listings: [] });
    gateway.ask = askEngine(home);
    await page.goto(gateway.url());
    expect(await section().textContent()).toContain('shared with other homes');
  });

  test.each([
    ['normal', 'on it, as every home is'],
    ['unknown', 'cannot be asked'],
  ] as const)(
    'an answer that is %s says so, and changes nothing about the sentence',
    async (state, words) => {
      says(listing(state, { reason: 'PBL: as it should be' }));
      await page.goto(gateway.url());
      expect(await section().textContent()).toContain(words);
      expect(await page.locator('.postern-sentence').textContent()).toMatch(/^All quiet/);
    },
  );

  test('who may not write is offered no question to the lists', async () => {
    says(listing('clear'));
    gateway.isReadOnly = true;
    await page.goto(gateway.url());
    await section().waitFor();
    expect(await section().getByRole('button').count()).toBe(0);
  });

  test('what to do follows the ways in that are found while the page is open', async () => {
    for (const server of servers.slice(0, 20)) home.open(tv.address, server);
    await page.goto(gateway.url());
    const advice = page.locator('.postern-todo li').first();
    await advice.waitFor();
    expect(await advice.textContent()).not.toContain('8080');
    const found = {
      doors: [{ kind: 'port forward', protocol: 'tcp', ports: '8080', address: tv.address, port: '80' }],
    };
    const words = { text: 'From the internet leads 8080.', remedy: 'Close the port forward 8080 first.' };
    home.give({
      type: 'doors',
      device: keyOf(tv),
      found: { ...found, ...words, omitted: 0, unread: 'no UPnP' },
    } as Input);
    await expect
      .poll(() => advice.textContent(), { timeout: 15_000 })
      .toBe('Close port forward 8080 \u2192 80/tcp to it: that is how most things are taken over.');
    await page.locator('.postern-device summary').first().click();
    await expect
      .poll(() => page.locator('.postern-device dl').first().textContent())
      .toMatch(/8080 \u2192 80\/tcp, not all could be read: no UPnP/);
  });

  test('the report of the week is asked for when it is opened', async () => {
    const answers = askEngine(home);
    gateway.ask = (verb, args) =>
      verb === 'report'
        ? Promise.resolve({ schema: 1, text: 'The week: 14 devices watched, 0 suspicious.' })
        : answers(verb, args);
    await page.goto(gateway.url());
    const report = page.locator('[data-fold=report]');
    expect(gateway.asked).not.toContain('report');
    await report.locator('summary').click();
    await expect.poll(() => report.textContent()).toContain('14 devices watched');
  });

  test('after a repair the device is watched, and the way in that was open is named', async () => {
    for (const server of servers.slice(0, 20)) home.open(tv.address, server);
    home.ask('block', { device: keyOf(tv) });
    const answers = askEngine(home);
    const watched: unknown[] = [];
    gateway.ask = async (verb, args) => {
      if (verb === 'watch') watched.push(args);
      const answer = await answers(verb, args);
      const devices = (answer as { devices?: readonly object[] }).devices;
      const door = {
        kind: 'port forward',
        protocol: 'tcp',
        ports: '8080',
        address: tv.address,
        name: 'Web <b>cam',
      };
      return verb === 'devices' && devices
        ? { ...(answer as object), devices: devices.map((one) => ({ ...one, doors: [door] })) }
        : answer;
    };
    await page.goto(gateway.url());
    await page.locator('.postern-device summary').first().click();
    await expect
      .poll(() => page.locator('.postern-device dl').first().textContent())
      .toContain('port forward 8080/tcp (Web <b>cam)');
    await page.getByRole('button', { name: 'I have mended it: check it' }).click();
    await page.getByRole('button', { name: 'Watch closely' }).click();
    await expect.poll(() => watched).toEqual([{ device: keyOf(tv), for: '1d' }]);
    await expect
      .poll(() => page.locator('.postern-answer').textContent())
      .toMatch(/watched closely until .*\d\d:\d\d/);
  });
});
