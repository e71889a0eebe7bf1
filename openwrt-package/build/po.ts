/** One text of a catalogue. */
export interface PoEntry {
  readonly context?: string;
  readonly id: string;
  readonly plural?: string;
  /** Translations, one for each form; empty texts where there is none yet. */
  readonly texts: readonly string[];
  /** `#:` lines. */
  readonly references: readonly string[];
}

type Draft = { context?: string; id: string; plural?: string; texts: string[]; references: string[] };

const field = /^(msgctxt|msgid|msgid_plural|msgstr(?:\[(\d)\])?) (".*")$/;

/** Reads a gettext catalogue, its header (the entry with an empty id) among the entries. Lines that it does not know are left out. */
export function parsePo(text: string): PoEntry[] {
  const entries: Draft[] = [];
  let references: string[] = [];
  let add: ((more: string) => void) | undefined;
  let open: Draft | undefined;
  for (const line of text.split('\n')) {
    const [, name, form, quoted] = field.exec(line) ?? [];
    if (name === undefined) {
      if (line.startsWith('#: ')) references.push(...line.slice(3).split(' '));
      else if (line.startsWith('"')) add?.(unquote(line));
      continue;
    }
    const begins = name === 'msgctxt' || (name === 'msgid' && (open === undefined || open.texts.length > 0));
    if (begins) {
      open = { id: '', texts: [], references };
      entries.push(open);
      references = [];
    }
    if (open === undefined) continue;
    add = adder(open, name, Number(form ?? 0));
    add(unquote(quoted ?? '""'));
  }
  return entries;
}

function adder(entry: Draft, name: string, form: number): (more: string) => void {
  switch (name) {
    case 'msgctxt':
      return (more) => {
        entry.context = (entry.context ?? '') + more;
      };
    case 'msgid':
      return (more) => {
        entry.id += more;
      };
    case 'msgid_plural':
      return (more) => {
        entry.plural = (entry.plural ?? '') + more;
      };
    default:
      return (more) => {
        entry.texts[form] = (entry.texts[form] ?? '') + more;
      };
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}

function quote(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** The entries as a catalogue, one empty line between two. */
export function formatPo(entries: readonly PoEntry[]): string {
  return entries.map(formatEntry).join('\n');
}

function formatEntry({ context, id, plural, texts, references }: PoEntry): string {
  const lines = [
    ...references.map((reference) => `#: ${reference}`),
    ...(context === undefined ? [] : [`msgctxt ${quote(context)}`]),
    `msgid ${quote(id)}`,
    ...(plural === undefined
      ? [`msgstr ${quote(texts[0] ?? '')}`]
      : [`msgid_plural ${quote(plural)}`, ...texts.map((text, form) => `msgstr[${form}] ${quote(text)}`)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
