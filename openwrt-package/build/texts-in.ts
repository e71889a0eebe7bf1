/** A text that is shown, as LuCI's `_` and `N_` take it. */
export interface Text {
  readonly id: string;
  readonly plural?: string;
  readonly context?: string;
}

const literal = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`;
const parts = String.raw`((?:${literal})(?:\s*\+\s*(?:${literal}))*)`;
const one = new RegExp(String.raw`(?<![\w.$])_\(\s*${parts}\s*(?:,\s*${parts}\s*)?\)`, 'g');
const many = new RegExp(
  String.raw`(?<![\w.$])N_\([^,]+,\s*${parts}\s*,\s*${parts}\s*(?:,\s*${parts}\s*)?\)`,
  'g',
);

/** Every text that a script of a page has in `_('…')`, `_('…', 'context')` and `N_(n, '…', '…')`. */
export function textsIn(script: string): Text[] {
  const singles = [...script.matchAll(one)].map(([, id = '', context]) => textOf(id, undefined, context));
  const plurals = [...script.matchAll(many)].map(([, id = '', plural, context]) =>
    textOf(id, plural, context),
  );
  return [...singles, ...plurals];
}

function textOf(id: string, plural: string | undefined, context: string | undefined): Text {
  return {
    id: textFrom(id),
    ...(plural === undefined ? {} : { plural: textFrom(plural) }),
    ...(context === undefined ? {} : { context: textFrom(context) }),
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** The value of string literals that are joined by `+`. */
function textFrom(expression: string): string {
  const literals = expression.match(new RegExp(literal, 'g')) ?? [];
  return literals
    .map((quoted) =>
      quoted
        .slice(1, -1)
        .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replaceAll(/\\(.)/g, (_, char: string) => escapes[char] ?? char),
    )
    .join('');
}
