import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { degradedReasons } from '../../daemon/engine/degraded.ts';
import { allAdvice } from '../../daemon/engine/remedies.ts';

/** Sources of which the page shows what they answer: refusals, notes, reasons. What has a name or a number in it is not whole there. */
const sources = [
  'openwrt-package/luci-app-postern/root/usr/share/rpcd/ucode/postern.uc',
  'daemon/main.ts',
  'daemon/identity/classify.ts',
  'daemon/engine/on-request.ts',
  'daemon/engine/on-blocklists.ts',
  'daemon/main-history-answers.ts',
  'daemon/main-chronicle.ts',
  'daemon/history/who-asked.ts',
  'daemon/history/who-answer.ts',
  'daemon/blocklists/known-lists.ts',
  'daemon/blocklists/read-answer.ts',
];

/** A comment, a template, or what is between quotes. */
const token = /\/\/.*|\/\*[\s\S]*?\*\/|`(?:[^`\\]|\\.)*`|'((?:[^'\\\n]|\\.)*)'/g;
/** Three words or more, or two and a full stop; and none of code. */
const sentence =
  /^["A-Za-z][\w",:;.'/()-]*(?: [\w",:;.'/()>-]+)*(?: [\w",:;.'/()>-]+ [\w",:;.'/()>-]+| \w+\.)$/;
/** What of these the page never shows. */
const unsaid: ReadonlySet<string> = new Set([
  'Give the path of a configuration in JSON.',
  'another Postern runs on this router already',
  'It was asked for over MQTT.',
  'You asked for it.',
  'Events are not given here',
  'Follow them at events/postern.sock.',
  'No device at home mailed in the last 7 days.',
  'devices that were too many to be told apart',
]);

/** Every whole sentence that the daemon and the plugin of rpcd may have the page show, with the file that says it. */
export function saidSentences(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const add = (text: string, file: string) => found.set(text, found.get(text) ?? file);
  for (const texts of Object.values(degradedReasons))
    for (const text of texts) add(text, 'daemon/engine/degraded.ts');
  for (const text of allAdvice()) add(text, 'daemon/engine/remedies.ts');
  for (const file of sources)
    for (const text of sentencesIn(readFileSync(join(root, file), 'utf8'))) add(text, file);
  return found;
}

/** The sentences among the literals of a source. */
export function sentencesIn(source: string): string[] {
  return [...source.matchAll(token)]
    .map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
    .filter((text) => sentence.test(text) && !unsaid.has(text));
}

/** The module of LuCI by which the pages know what of an answer is ours to translate: `postern/said.js`. */
export function saidModule(root: string): string {
  const lines = [...saidSentences(root).keys()].map((text) => `\t${JSON.stringify(text)}`);
  return `'use strict';
'require baseclass';

/* Made by \`node build.mjs --docs\` of what the daemon and postern.uc say (said.ts there): change it there. */

var known = Object.create(null);

[
${lines.join(',\n')}
].forEach(function(sentence) { known[sentence] = true; });

function isOne(text) {
	return known[text] === true;
}

return baseclass.extend({
	isOne: isOne,

	/* In the language of the page, if it is one of these. All else is not looked up: LuCI finds texts by a short hash, and whoever
	   chose a name that has the hash of another sentence would have that one shown. */
	of: function(text) {
		return isOne(text) ? _(text) : text;
	}
});
`;
}
