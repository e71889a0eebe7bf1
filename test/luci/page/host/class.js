// Of LuCI's client side what the pages of Postern use, written from its documentation: classes, elements, and the format
// of strings. Its two traps are here too: a bare string among children is taken as HTML, and a null prints "null".

String.prototype.format = function (...values) {
  let next = 0;
  return this.replace(/%(?:\.(\d+))?([sdfhj%])/g, (_whole, places, kind) => {
    if (kind === '%') return '%';
    const value = values[next++];
    if (kind === 'd') return String(Math.floor(Number(value)) || 0);
    if (kind === 'f') return Number(value).toFixed(places === undefined ? 6 : Number(places));
    if (kind === 'j') return JSON.stringify(value);
    if (kind === 'h') return String(value).replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
    return String(value);
  });
};

window._ = (text) => window.translations?.[text] ?? text;
window.N_ = (count, one, many) => window._(count === 1 ? one : many);

/** The base of every module: what a module gives back is a class, and those that require it have its one instance. */
export class Class {
  constructor(...args) {
    this.__init__?.(...args);
  }

  static extend(properties) {
    const made = class extends this {};
    Object.defineProperties(made.prototype, Object.getOwnPropertyDescriptors(properties));
    return made;
  }
}

/** Elements; see LuCI.dom. */
export const dom = {
  elem: (value) => value !== null && typeof value === 'object' && 'nodeType' in value,

  append(node, children) {
    if (Array.isArray(children)) {
      for (const child of children) {
        node.appendChild(dom.elem(child) ? child : document.createTextNode(String(child)));
      }
    } else if (typeof children === 'function') dom.append(node, children(node));
    else if (dom.elem(children)) node.appendChild(children);
    else if (children !== null && children !== undefined) node.innerHTML = String(children);
    return node.lastChild;
  },

  content(node, children) {
    node.replaceChildren();
    return dom.append(node, children);
  },

  attr(node, attributes) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined) continue;
      if (typeof value === 'function') node.addEventListener(name, value);
      else node.setAttribute(name, typeof value === 'object' ? JSON.stringify(value) : value);
    }
  },

  create(what, attributes, children) {
    const isPlain = attributes instanceof Object && !Array.isArray(attributes) && !dom.elem(attributes);
    const node = Array.isArray(what)
      ? document.createDocumentFragment()
      : dom.elem(what)
        ? what
        : document.createElement(what);
    if (Array.isArray(what)) for (const one of what) dom.append(node, [dom.create(one)]);
    if (isPlain) dom.attr(node, attributes);
    dom.append(node, isPlain ? children : attributes);
    return node;
  },
};

window.E = (...args) => dom.create(...args);
