import { existsSync } from 'node:fs';
import axeCore from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's: test/setup.sh installs it. */
const executablePath = '/usr/bin/chromium';

/** Why there is no browser here; undefined if there is one. */
export function browserObstacle(): string | undefined {
  return existsSync(executablePath) ? undefined : 'It needs the package chromium: sh test/setup.sh --test.';
}

/** Starts Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  // As root it has no sandbox of its own; it opens our pages only.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

const axe = axeCore.source;

/** What axe finds that is serious or worse: the rule, and where. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<AxeResult>('axe.run(document)');
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
