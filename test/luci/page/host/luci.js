// The loader of views, polling, the call of ubus methods and dialogs, as LuCI documents them.

import { Class, dom } from './class.js';

const settings = JSON.parse(document.getElementById('settings').textContent);

const poll = {
  queue: [],
  tick: 0,
  timer: undefined,

  add(fn, seconds) {
    poll.queue.push({ fn, seconds, isDone: true });
    if (poll.timer === undefined) {
      poll.timer = setInterval(poll.step, 1000);
      poll.step();
    }
    return true;
  },

  step() {
    for (const entry of poll.queue) {
      if (poll.tick % entry.seconds !== 0 || !entry.isDone) continue;
      entry.isDone = false;
      void Promise.resolve(entry.fn()).finally(() => {
        entry.isDone = true;
      });
    }
    poll.tick++;
  },
};

const texts = [
  'OK',
  'Invalid command',
  'Invalid argument',
  'Method not found',
  'Resource not found',
  'No data',
];
texts.push('Permission denied', 'Request timeout');
let lastId = 0;

async function call(object, method, params, isRaised) {
  const body = {
    jsonrpc: '2.0',
    id: ++lastId,
    method: 'call',
    params: [settings.session, object, method, params],
  };
  const response = await fetch(`/ubus/${object}.${method}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok)
    throw new Error(
      `RPC call to ${object}/${method} failed with HTTP error ${response.status}: ${response.statusText}`,
    );
  const { error, result } = await response.json();
  if (error)
    throw new Error(`RPC call to ${object}/${method} failed with error ${error.code}: ${error.message}`);
  if (isRaised && result[0] !== 0)
    throw new Error(
      `RPC call to ${object}/${method} failed with ubus code ${result[0]}: ${texts[result[0]]}`,
    );
  return result.length > 1 ? result[1] : result[0];
}

const rpc = {
  declare({ object, method, params, expect, reject }) {
    return async (...args) => {
      const given = {};
      const names = Array.isArray(params) ? params : Object.keys(params ?? {});
      names.forEach((name, index) => {
        if (Array.isArray(params)) given[name] = args[index];
        else if (args[0] && name in args[0]) given[name] = args[0][name];
      });
      const reply = await call(object, method, given, reject);
      const [[name, other]] = Object.entries(expect ?? { '': reply });
      return name === '' ? reply : (reply?.[name] ?? other);
    };
  },
};

const overlay = document.getElementById('modal_overlay');

const ui = {
  showModal(title, children, ...classes) {
    const dialog = overlay.firstElementChild;
    dialog.setAttribute('class', ['modal', ...classes].join(' '));
    dom.content(dialog, dom.create('h4', {}, title));
    dom.append(dialog, children);
    document.body.classList.add('modal-overlay-active');
    overlay.focus();
    return dialog;
  },

  hideModal() {
    document.body.classList.remove('modal-overlay-active');
  },
};

// Escape is the first button that stands to the right.
overlay.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') overlay.querySelector('.right > button, .right > .btn')?.click();
});

const View = Class.extend({
  __init__() {
    const place = document.getElementById('view');
    dom.content(place, window.E('div', { class: 'spinning' }, 'Loading view'));
    Promise.resolve(this.load?.())
      .then((data) => this.render(data))
      .then((nodes) => {
        dom.content(place, nodes);
        if (this.handleSave !== null) place.append(window.E('div', { class: 'cbi-page-actions' }));
      })
      .catch((error) => dom.content(place, [window.E('p', { class: 'alert-message' }, [String(error)])]));
  },
});

const classes = { baseclass: Class, dom, poll, rpc, ui, view: View };

async function compile(name) {
  const response = await fetch(`/luci-static/resources/${name.replaceAll('.', '/')}.js`);
  if (!response.ok) throw new Error(`HTTP error ${response.status} while loading class file ${name}`);
  const source = await response.text();
  const header = source.replace(/\/\*[\s\S]*?\*\//g, '').match(/^(?:\s*'[^']*';)*/)?.[0] ?? '';
  const needs = [...header.matchAll(/'require (\S+?)(?: as (\w+))?'/g)].map(([, what, as]) => [
    what,
    as ?? what.replace(/\W/g, '_'),
  ]);
  const instances = await Promise.all(needs.map(([what]) => load(what)));
  const factory = new Function(
    'window',
    'document',
    'L',
    ...needs.map(([, as]) => as),
    `${source}\n//# sourceURL=${name}.js`,
  );
  return new (factory(window, document, window.L, ...instances))();
}

function load(name) {
  classes[name] ??= compile(name);
  return Promise.resolve(classes[name]);
}

window.L = {
  env: { sessionid: settings.session, nodespec: { satisfied: true, readonly: settings.isReadOnly } },
  require: load,
  dom,
  poll,
  Class,
  url: (...parts) => ['/cgi-bin/luci', ...parts].join('/'),
  resource: (...parts) => ['/luci-static/resources', ...parts].join('/'),
  bind: (fn, self, ...args) => fn.bind(self, ...args),
  resolveDefault: (value, other) =>
    Promise.resolve(value).then(
      (one) => one ?? other,
      () => other,
    ),
  hasViewPermission: () => !settings.isReadOnly,
};

load(`view.${settings.view.replaceAll('/', '.')}`).catch((error) => {
  dom.content(document.getElementById('view'), [String(error)]);
});
