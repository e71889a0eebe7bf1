import type { Page } from 'playwright-core';
import { household, mail, resident } from '../engine/household.ts';
import { servers, type World } from '../engine/world.ts';
import { browserObstacle, startBrowser } from '../luci/page/browser.ts';
import { startGateway } from '../luci/page/gateway.ts';
import { askEngine, withIncidents } from '../luci/page/memory.ts';
import type { Bench } from './bench-types.ts';
import { quantile, rounded } from './numbers.ts';

const counts = { devices: 250, incidents: 1000 } as const;
const starts = 9;
const polls = 9;

/**
 * In the page: `painted()` resolves to the milliseconds from the last answer's last byte to the frame that shows what it
 * changed. Layout shifts and the longest wait of a key are summed up meanwhile.
 */
const clock = `
  window.seen = { shift: 0, key: 0 };
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) seen.shift += value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'keydown') seen.key = Math.max(seen.key, duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  performance.setResourceTimingBufferSize(100000);
  window.painted = () => new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.postern-sentence')) return;
      observer.disconnect();
      const answers = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/ubus/'));
      const dataMs = Math.max(...answers.map(({ responseEnd }) => responseEnd));
      const after = new MessageChannel();
      after.port1.onmessage = () => resolve(performance.now() - dataMs);
      requestAnimationFrame(() => after.port2.postMessage(0));
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  window.first = painted();`;

/** Opens the fold of all devices, and asks for incidents until there are no more. */
async function openAll(page: Page): Promise<void> {
  await page.locator('[data-fold=others] > summary').click();
  await page.evaluate(`new Promise((resolve) => {
    const more = setInterval(() => {
      const button = document.querySelector('[data-do=older]');
      button?.click();
      if (!button) resolve(clearInterval(more));
    }, 20);
  })`);
}

/** One poll that brings a change, while somebody types. */
async function poll(page: Page, home: World): Promise<number> {
  mail(home, resident(0).address, servers[0] ?? '');
  const painted = page.evaluate<number>(
    `document.dispatchEvent(new Event('visibilitychange')), window.painted()`,
  );
  await page.keyboard.type('a notice of the provider', { delay: 10 });
  return await painted;
}

/**
 * How long the status page takes from the last byte of an answer to the frame that shows it: at its start, and at a poll when
 * all devices and all incidents were opened. In Chromium without a window, with an engine in this process to answer.
 */
export const page: Bench = {
  name: 'page',
  about: 'time from data to the painted status page, with 250 devices and 1,000 incidents',
  withoutLab: true,
  async run(say) {
    const obstacle = browserObstacle();
    if (obstacle) throw new Error(obstacle);
    const home = household(counts.devices);
    const gateway = await startGateway(withIncidents(askEngine(home), counts.incidents));
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await tab.addInitScript(clock);
      const first: number[] = [];
      for (let start = 0; start < starts; start++) {
        await tab.goto(gateway.url());
        first.push(await tab.evaluate<number>('first'));
      }
      say(`first paint: ${first.map(Math.round).join(', ')} ms`);
      await openAll(tab);
      const devices = await tab.locator('.postern-device').count();
      const incidents = await tab.locator('.postern-incidents > li').count();
      say(`shown: ${devices} devices, ${incidents} incidents`);
      await tab.locator('.postern-who summary').click();
      await tab.locator('#postern-notice').focus();
      await tab.evaluate('Object.assign(seen, { shift: 0, key: 0 })');
      const again: number[] = [];
      for (let turn = 0; turn < polls; turn++) again.push(await poll(tab, home));
      const { shift, key } = await tab.evaluate<{ shift: number; key: number }>('seen');
      say(`repaint: ${again.map(Math.round).join(', ')} ms; a key waited ${key} ms at most`);
      return {
        first_paint_ms: rounded(quantile(first, 0.5), 1),
        repaint_ms: rounded(quantile(again, 0.5), 1),
        key_ms: key,
        layout_shift: rounded(shift, 4),
        devices,
        incidents,
      };
    } finally {
      await browser.close();
      await gateway.stop();
    }
  },
};
