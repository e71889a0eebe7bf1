import { expect, test } from 'vitest';
import { baseclass, pageModule } from '../settings/page-module.ts';

interface Model {
  readonly error: unknown;
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
