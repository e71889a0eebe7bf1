import { expect, test } from 'vitest';
import { baseclass, pageModule } from '../settings/page-module.ts';

interface Device {
  readonly device: string;
  readonly pinned?: boolean;
}

interface Model {
  readonly error: unknown;
  readonly open: Record<string, boolean>;
  changed(): void;
  askOthers(): Promise<unknown>;
  all(): readonly Device[];
  __init__(): void;
  refresh(): Promise<unknown>;
}

/** The page's model, and what it asks the router for. */
function setUp() {
  const asked: string[] = [];
  const router = { answers: true };
  const timeout = { error: { code: 'timeout', message: 'late', remedy: 'wait' } };
  const ask = (verb: string) => {
    asked.push(verb);
    return Promise.resolve(router.answers ? {} : timeout);
  };
  const words = { isTroubled: () => false, setClock: () => undefined };
  const model = pageModule<Model>('postern/model', { baseclass, words, client: { ask, askPage: ask } });
  model.__init__();
  return { model, asked, router };
}

test('where Postern does not answer, a poll holds the router up with one question and not with three', async () => {
  const { model, asked, router } = setUp();
  await model.refresh();
  expect(asked).toEqual(['status', 'devices', 'incidents', 'history']);
  router.answers = false;
  await model.refresh();
  asked.length = 0;
  await model.refresh();
  expect(asked).toEqual(['status']);
  expect(model.error).toMatchObject({ code: 'timeout' });
  router.answers = true;
  await model.refresh();
  expect(model.error).toBeNull();
  asked.length = 0;
  await model.refresh();
  expect(asked.slice(0, 3)).toEqual(['status', 'devices', 'incidents']);
});

test('devices beyond the first page follow what is done to them, and a while later what they do', async () => {
  let others: readonly Device[] = [{ device: 'lamp' }, { device: 'tv', pinned: false }];
  const pages: unknown[] = [];
  let minutes = 0;
  const client = {
    ask: () => Promise.resolve({}),
    askPage: (verb: string, after: string | null) => {
      if (verb === 'devices') pages.push(after);
      if (verb !== 'devices') return Promise.resolve({});
      if (after === 'b') return Promise.resolve({ devices: others.slice(1) });
      if (after === 'a') return Promise.resolve({ devices: others.slice(0, 1), next: 'b' });
      return Promise.resolve({ devices: [{ device: 'phone' }], ...(others.length > 0 && { next: 'a' }) });
    },
  };
  const words = { isTroubled: () => false, setClock: () => undefined };
  const clock = { now: () => minutes * 60_000 + 1e12 };
  const model = pageModule<Model>('postern/model', { baseclass, words, client, Date: clock });
  const polled = async () => {
    pages.length = 0;
    await model.refresh();
    return [...pages];
  };
  model.__init__();
  // In a fold that nobody opened: not asked for.
  expect(await polled()).toEqual([null]);
  model.open['others'] = true;
  await model.askOthers();
  expect(await polled()).toEqual([null]);
  others = [{ device: 'tv', pinned: true }];
  expect(model.all().map(({ device }) => device)).toEqual(['phone', 'lamp', 'tv']);
  model.changed();
  expect(await polled()).toEqual([null, 'a', 'b']);
  expect(model.all()).toEqual([{ device: 'phone' }, { device: 'tv', pinned: true }]);
  expect(await polled()).toEqual([null]);
  minutes = 1;
  expect(await polled()).toEqual([null, 'a', 'b']);
  delete model.open['others'];
  minutes = 2;
  expect(await polled()).toEqual([null]);
  // The last of them is forgotten: there is no second page.
  model.open['others'] = true;
  others = [];
  expect(await polled()).toEqual([null]);
  expect(model.all()).toEqual([{ device: 'phone' }]);
});
