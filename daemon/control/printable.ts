/**
 * What a terminal or a log would obey instead of show: control characters (C0, DEL, C1), line separators, marks that
 * change the direction of text or have no width, and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

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
