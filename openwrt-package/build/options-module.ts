import { join } from 'node:path';
import { build } from 'esbuild';

const head = `'use strict';
'require baseclass';
/* Made by \`node build.mjs --docs\` of settings-check.ts and daemon/config: change it there. With valibot (MIT, Fabian
   Hiller), whose licence is in /usr/lib/postern/THIRD-PARTY-LICENSES.txt. */
`;

/** The module of LuCI by which the settings page knows the daemon's options: `postern/options.js`. */
export async function optionsModule(root: string): Promise<string> {
  const result = await build({
    entryPoints: [join(root, 'openwrt-package/build/settings-check.ts')],
    nodePaths: [join(root, 'node_modules')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'check',
    target: 'es2020',
    // What LuCI's jsmin takes apart rightly: no regular expression after a word or an arrow, no template.
    supported: { 'template-literal': false },
    minify: true,
    lineLimit: 110,
    legalComments: 'none',
    charset: 'ascii',
  });
  const members = ['option', 'fault', 'problems', 'isOn'].map((name) => `\t${name}: check.${name}`);
  const text = result.outputFiles[0]?.text.replace(/^"use strict";/, '') ?? '';
  return `${head}${text}\nreturn baseclass.extend({\n${members.join(',\n')}\n});\n`;
}
