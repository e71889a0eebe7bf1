/**
 * What a terminal or a log would obey instead of show: control characters (C0, DEL, C1), line separators, marks that
 * change the direction of text or have no width, and halves of surrogate pairs. Unicode's Cc, Zl, Zp, Cs and Cf (15.0)
 * spelled out, since the router's Node may lack `\p{}`.
 */
const unprintable = new RegExp(
  '[\\0-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2' +
    '\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb\\u{110bd}\\u{110cd}' +
    '\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0001}\\u{e0020}-\\u{e007f}]',
  'gu',
);

/** Text that a person may be shown, whoever chose it: each unprintable character becomes `?`. */
export function printable(text: string): string {
  return text.replace(unprintable, '?');
}

/** JSON text with everything unprintable escaped: the same value for programs, harmless on a terminal. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(unprintable, (character) =>
    character === '\n' ? character : escaped(character),
  );
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
