import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { infect } from '../../guard/bots.ts';
import { type Guard, startGuard } from '../../guard/guard.ts';
import { describeUnless } from '../../lab/describe-lab.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { labObstacle } from '../../lab/obstacle.ts';
import { browserObstacle, overflow, seriousFaults, startBrowser } from './browser.ts';
import { askDaemon, type Gateway, startGateway } from './gateway.ts';
import { Baseline } from './pictures.ts';

const baseline = new Baseline('test/luci/page/baseline/story.json');
const widths = [360, 768, 1280];
const patient = { timeout: 30_000 };

describeUnless(labObstacle() ?? browserObstacle(), 'the status page tells the story of a camera', () => {
  let lab: Lab;
  let guard: Guard;
  let gateway: Gateway;
  let browser: Browser;
  let page: Page;
  let camera: string;

  beforeAll(async () => {
    lab = await startLab();
    camera = lab.devices.camera.mac.replaceAll(':', '');
    guard = await startGuard(lab, { devices: [{ mac: lab.devices.camera.mac, name: 'Camera in the hall' }] });
    gateway = await startGateway(askDaemon(join(guard.dir, 'run', 'postern.sock')));
    browser = await startBrowser();
    page = await browser.newPage({ acceptDownloads: true });
    await page.goto(gateway.url());
  });
  afterAll(async () => {
    baseline.close();
    await browser?.close();
    await gateway?.stop();
    await guard?.stop();
    await lab?.stop();
  });

  const sentence = () => page.locator('.postern-sentence').textContent();
  const button = (name: RegExp | string) => page.getByRole('button', { name }).first();
  const state = () => page.locator(`[data-key="${camera}"] .postern-state`).first().textContent();
  const confirm = (name: string) => page.locator('.modal').getByRole('button', { name, exact: true }).click();

  /** Whether the page fits, reads and looks as it did: both modes, three widths. */
  async function looksWell(name: string): Promise<void> {
    const differences: string[] = [];
    for (const dark of [false, true]) {
      await page.evaluate(`document.documentElement.setAttribute('data-darkmode', '${dark}')`);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        const picture = `${name}-${dark ? 'dark' : 'light'}-${width}`;
        differences.push(...(await baseline.differences(page, picture)));
      }
      expect(await seriousFaults(page)).toEqual([]);
    }
    expect(differences).toEqual([]);
  }

  test('all is quiet', async () => {
    await expect.poll(sentence, patient).toMatch(/^All quiet: \d+ devices watched/);
    await looksWell('quiet');
  });

  test('the camera is caught: what it is, what was done, what to do', async () => {
    const bot = await infect(lab, 'camera', '4', { durationS: 6 });
    await expect
      .poll(sentence, patient)
      .toMatch(/^Camera in the hall sent mail the way spam is sent\. Its mail is blocked since/);
    await bot.done;
    expect(await page.locator('.postern-todo li').count()).toBeGreaterThan(3);
    await expect.poll(state).toBe('mail blocked');
    expect(await page.locator(`[data-key="${camera}"]`).textContent()).toMatch(/ends in \d+ min/);
    await expect
      .poll(() => page.locator('.postern-mail').first().textContent(), patient)
      .toMatch(/\d refused$/);
    await looksWell('caught');
  });

  test('why, with the steps of the score', async () => {
    await page.locator(`[data-key="${camera}"] summary`).click();
    const why = page.locator(`[data-key="${camera}"] .postern-why li`);
    await expect.poll(() => why.count()).toBeGreaterThan(2);
    expect(await why.first().textContent()).toMatch(/new mail server .*:25.*\(\d+\.\d of \d+\.\d\)/);
    expect(await page.locator(`[data-key="${camera}"] dl`).textContent()).toContain(lab.devices.camera.ip4);
  });

  test('the incident is a story, and its evidence can be kept', async () => {
    await page.locator('.postern-incidents summary').first().click();
    await expect.poll(() => page.locator('.postern-story').textContent()).toContain('is blocked');
    await looksWell('incident');
    const [text] = await Promise.all([page.waitForEvent('download'), button('Download as text').click()]);
    expect(text.suggestedFilename()).toMatch(/^postern-[\w-]+\.txt$/);
    const report = readFileSync(await text.path(), 'utf8');
    for (const part of [lab.devices.camera.mac, 'new mail server', ':25', 'is blocked'])
      expect(report).toContain(part);
    const [json] = await Promise.all([page.waitForEvent('download'), button('Download as JSON').click()]);
    expect(JSON.parse(readFileSync(await json.path(), 'utf8'))).toMatchObject({
      device: camera,
      state: 'open',
    });
    for (const which of ['Download without names', 'Without names, as JSON']) {
      const [file] = await Promise.all([page.waitForEvent('download'), button(which).click()]);
      const content = readFileSync(await file.path(), 'utf8');
      expect(content).toMatch(/block/);
      for (const name of ['Camera in the hall', lab.devices.camera.mac, lab.devices.camera.ip4])
        expect(content).not.toContain(name);
    }
  });

  test('a dialog can be left with the keyboard, and nothing is done', async () => {
    await button(/^Release/).focus();
    await page.keyboard.press('Enter');
    await page.locator('#postern-for').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#modal_overlay').isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.dataset.do')).toBe('release');
    expect((await guard.device(camera)).state).toBe('blocked');
  });

  test('it is released for ten minutes', async () => {
    await button(/^Release/).click();
    await page.locator('#postern-for').selectOption('10m');
    await confirm('Release');
    await expect.poll(state).toBe('released');
    expect((await guard.device(camera)).state).toBe('allowed');
    expect(await page.locator('.postern-answer').textContent()).toContain('released');
    await looksWell('released');
  });

  test('it is restricted, allowed one server, kept, and forgotten', async () => {
    await button(/^Known servers only/).click();
    await page.locator('#postern-for').selectOption('1h');
    await confirm('Restrict');
    await expect.poll(state).toBe('known mail servers only');
    await button(/^Allow a mail server/).click();
    await page.locator('#postern-relay').fill('192.0.2.25:587');
    await confirm('Allow');
    await expect
      .poll(() => page.locator(`[data-key="${camera}"] dl`).textContent())
      .toContain('192.0.2.25:587');
    await button(/^Allow a mail server/).click();
    await page.locator('#postern-relay').fill('nonsense');
    await confirm('Allow');
    await expect.poll(() => page.locator('.postern-answer').textContent()).toContain('is no relay');
    await button(/^Keep in this list/).click();
    await button(/^Do not keep/).waitFor();
    await button(/^Forget/).click();
    await confirm('Forget');
    await expect.poll(() => page.locator(`[data-key="${camera}"]`).count()).toBe(0);
    await expect.poll(sentence).toMatch(/^All quiet/);
  });

  test('the guard pauses with its countdown, and goes on', async () => {
    await button(/^Pause the guard/).click();
    await page.locator('#postern-for').selectOption('10m');
    await confirm('Pause');
    await expect.poll(sentence).toMatch(/^The guard is paused for another (10|9) min/);
    expect(await guard.status()).toHaveProperty('paused_until');
    await looksWell('paused');
    await button('Guard again now').click();
    await expect.poll(sentence).toMatch(/^All quiet/);
    expect(await guard.status()).not.toHaveProperty('paused_until');
  });

  test('a test alert says where it went', async () => {
    await button('Send a test alert').click();
    await expect
      .poll(() => page.locator('.postern-answer').textContent(), patient)
      .toContain('written to the log');
  });

  test('a stopped service is said, what was known stays, and it comes back by itself', async () => {
    await guard.stop();
    await expect.poll(sentence, patient).toBe('Postern is stopped');
    expect(await page.locator('.postern-incidents').count()).toBe(1);
    expect(await page.locator('.postern-controls').count()).toBe(0);
    await looksWell('stopped');
    await guard.restart();
    await expect.poll(sentence, patient).toMatch(/^All quiet/);
  });
});
