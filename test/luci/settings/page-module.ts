import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const resources = 'openwrt-package/luci-app-postern/htdocs/luci-static/resources';

/** What a module of LuCI's resources returns, with these names in its scope: as LuCI itself evaluates it. `before` runs first. */
export function pageModule<T>(name: string, scope: Readonly<Record<string, unknown>>, before = ''): T {
  const text = readFileSync(`${resources}/${name}.js`, 'utf8');
  return runInNewContext(`${before}\n(function () { ${text}\n})()`, { ...scope }) as T;
}

/** LuCI's baseclass as far as a module without parents needs it: an object with these members. */
export const baseclass = { extend: <T>(members: T): T => members };
