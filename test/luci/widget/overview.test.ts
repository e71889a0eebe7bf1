import { expect, test } from 'vitest';
import { baseclass, pageModule } from '../settings/page-module.ts';

interface Element {
  readonly children: readonly (Element | string)[];
}
interface Widget {
  load(): Promise<unknown>;
  render(now: unknown): Element | null;
}

/** LuCI's own: `E` takes a bare string for HTML, so text has to stand in a list; `format` of strings, as far as it is used here. */
function setUp(answer: () => Promise<unknown>): Widget {
  const E = (tag: string, _attributes: object, children: unknown): Element => {
    if (!Array.isArray(children)) throw new Error(`the text of ${tag} would be read as HTML`);
    return { children };
  };
  const scope = {
    ...{ baseclass, E, rpc: { declare: () => answer }, _: (id: string) => `<${id}>` },
    N_: (count: number, one: string, many: string) => (count === 1 ? one : many),
    L: {
      url: (path: string) => `/${path}`,
      resolveDefault: (asked: Promise<unknown>, other: unknown) => asked.catch(() => other),
    },
  };
  const format = `Object.defineProperty(String.prototype, 'format', { value: function () {
    var values = [].slice.call(arguments); return this.replace(/%[ds]/g, function () { return String(values.shift()); }); } });`;
  return pageModule<Widget>('view/status/include/60_postern', scope, format);
}

const textOf = (element: Element | string): string =>
  typeof element === 'string' ? element : element.children.map(textOf).join(' ');

async function shown(answer: unknown): Promise<string | null> {
  const widget = setUp(() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)));
  const element = widget.render(await widget.load());
  return element && textOf(element);
}

const calm = { installed: true, state: 'ok', mode: 'guard', devices: 14, devices_held: 0, incidents_open: 0 };

test.each([
  ['a service that is not installed', { installed: false }],
  ['a login without the right to it', new Error('Access denied')],
  ['an answer that is none', null],
])('nothing is shown for %s', async (_what, answer) => {
  expect(await shown(answer)).toBeNull();
});

test.each([
  ['<All quiet>', {}],
  ['<All quiet; suspicious mail is only told>', { mode: 'observe' }],
  ['The mail of 2 devices is held', { devices_held: 2, incidents_open: 3, state: 'degraded' }],
  ['1 incident is open', { incidents_open: 1 }],
  ['<The guard is not whole>', { state: 'degraded' }],
  ['<Paused: nobody is held until', { paused_until: '2026-11-21T14:02:03Z', devices_held: 1 }],
])('one line says "%s", and how many devices there are', async (line, changes) => {
  const text = await shown({ ...calm, ...changes });
  expect(text).toContain(line);
  expect(text).toMatch(/<Devices watched> 14$/);
});

test('why it does not answer is said in the language of the page, and no number is made up', async () => {
  const error = { code: 'service_stopped', message: 'Postern is stopped', remedy: '' };
  expect(await shown({ installed: true, error })).toMatch(/<Postern is stopped> <Devices watched> -$/);
});
