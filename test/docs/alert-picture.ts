import { readFileSync } from 'node:fs';
import type { EventDocument } from '../../daemon/engine/documents.ts';

const docs = new URL('../../docs/', import.meta.url);
const page = (name: string) => readFileSync(new URL(name, docs), 'utf8');

const width = 520;
const margin = 20;
const lineHeight = 22;
/** Letters of a line: at 15 px system fonts are some 7.5 px wide, so that it fits with room to spare. */
const lineLetters = 62;

/** Every JSON document that docs/mqtt.md shows, in order. */
export function documentsShown(): unknown[] {
  return [...page('mqtt.md').matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) =>
    JSON.parse(text),
  );
}

/** The alert that docs/mqtt.md shows. */
export function alertShown(): EventDocument {
  const found = documentsShown().find((one) => typeof one === 'object' && one !== null && 'evidence' in one);
  if (!found) throw new Error('docs/mqtt.md shows no event');
  return found as EventDocument;
}

/** What stands on the notification's buttons, from the blueprint. */
function buttons(): string[] {
  const blueprint = page('home-assistant/postern_alert.yaml');
  return [...blueprint.matchAll(/- action: \S.*\n\s+title: (.+)$/gm)].map(([, title = '']) => title);
}

/** The notification that the blueprint makes of an event, as a picture (SVG 1.1), light or dark as the reader's page is. */
export function alertPicture(event: EventDocument): string {
  const paragraphs = [event.text, ...(event.remedies ?? [])].join('\n• ').split('\n');
  const lines = paragraphs.flatMap((words) => wrapped(words, lineLetters));
  const title = event.name === undefined ? 'Postern' : `Postern: ${event.name}`;
  const actions = buttons();
  const bottom = 84 + lines.length * lineHeight;
  const height = bottom + 52;
  const spans = lines.map((line, index) => text(margin, 92 + index * lineHeight, 'body', line)).join('\n');
  const each = (width - 2 * margin) / actions.length;
  const words = actions
    .map((label, index) => text(margin + index * each, bottom + 30, 'action', label))
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(`A notification: ${title}: ${event.text}`)}</title>
<style>
.card{fill:#fff;stroke:#d0d4da}.app,.body{fill:#3c4350}.name{fill:#111;font-weight:600}.action{fill:#0b6bcb;font-weight:600}
text{font:15px system-ui,sans-serif}.app{font-size:13px}
@media(prefers-color-scheme:dark){.card{fill:#22262d;stroke:#3a404a}.app,.body{fill:#c3cad5}.name{fill:#fff}.action{fill:#6db3ff}}
</style>
<rect class="card" x="1" y="1" width="${width - 2}" height="${height - 2}" rx="18"/>
<path d="M${margin} 18h14v9q0 8-7 11q-7-3-7-11z" fill="#0b6bcb"/>
${text(margin + 24, 33, 'app', `Home Assistant, ${event.at.slice(11, 16)}`)}
${text(margin, 62, 'name', title)}
${spans}
${words}
</svg>
`;
}

const text = (x: number, y: number, kind: string, words: string) =>
  `<text class="${kind}" x="${Math.round(x)}" y="${y}">${escaped(words)}</text>`;

function escaped(words: string): string {
  return words.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** Lines of at most so many letters, broken at spaces. */
function wrapped(words: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
