/** A part of a notice, as text of lines that are not folded. */
export interface Part {
  /** `report`: fields for programs (ARF, X-ARF). `sample`: the mail complained of. `head`: of the notice itself. */
  readonly kind: 'head' | 'text' | 'report' | 'sample';
  readonly text: string;
}

/** Parts that are read, and how deep they may be inside each other. */
const mostParts = 32;
const deepest = 4;
const headerLine = /^[!-9;-~]{1,64}:/;

/** The parts of a notice: those of a mail with attachments, or all of it as one text. Never throws; torn mails have the parts they have. */
export function partsOf(notice: string): readonly Part[] {
  const found: Part[] = [];
  readMail(notice.replaceAll('\r\n', '\n').replaceAll('\r', '\n'), 0, 'text', found);
  return found;
}

function readMail(text: string, depth: number, kind: Part['kind'], found: Part[]): void {
  if (found.length >= mostParts) return;
  const trimmed = text.replace(/^\s{1,200}/, '');
  const isMail = headerLine.test(trimmed) && /^content-type:/im.test(trimmed.slice(0, 20_000));
  if (!isMail) {
    add(kind, text, found);
    return;
  }
  const end = trimmed.indexOf('\n\n');
  const head = unfold(end < 0 ? trimmed : trimmed.slice(0, end));
  const body = end < 0 ? '' : trimmed.slice(end + 2);
  if (depth === 0) found.push({ kind: 'head', text: head });
  readBody(head, body, depth, kind, found);
}

function readBody(head: string, body: string, depth: number, kind: Part['kind'], found: Part[]): void {
  const type = (/^content-type:\s{0,20}([^\s;]{1,80})/im.exec(head)?.[1] ?? 'text/plain').toLowerCase();
  const boundary = /boundary\s{0,5}=\s{0,5}(?:"([^"\n]{1,200})"|([^\s;]{1,200}))/i.exec(head);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (type.startsWith('multipart/') && mark !== undefined && depth < deepest) {
    const pieces = body.split(`--${mark}`).slice(1, mostParts + 1);
    for (const piece of pieces)
      if (!piece.startsWith('--')) readMail(withHead(piece), depth + 1, kindOf(piece) ?? kind, found);
    return;
  }
  const text = decoded(head, body);
  if (type === 'message/rfc822') readMail(text.trimStart(), depth + 1, 'sample', found);
  else if (!/^(?:image|audio|video|font)\//.test(type))
    add(kindOf(head) ?? (depth > 0 && isReport(text) ? 'report' : kind), text, found);
}

function add(kind: Part['kind'], text: string, found: Part[]): void {
  found.push({ kind, text: laidOut(text, kind) });
}

/** A part without fields of its own has an empty line first: it is text. */
function withHead(piece: string): string {
  const text = piece.replace(/^[ \t]{0,20}\n/, '');
  return text.startsWith('\n') ? `Content-Type: text/plain\n${text}` : text;
}

/** X-ARF's fields come as plain text. */
const isReport = (text: string) =>
  /^(?:report-type|source-type|feedback-type):/im.test(text.slice(0, 20_000));

function kindOf(head: string): Part['kind'] | undefined {
  const type = /^content-type:\s{0,20}([^\s;]{1,80})/im.exec(head)?.[1]?.toLowerCase() ?? '';
  if (/feedback-report|json|yaml|x-arf|csv/.test(type)) return 'report';
  return /rfc822/.test(type) ? 'sample' : undefined;
}

function decoded(head: string, body: string): string {
  const how = /^content-transfer-encoding:\s{0,20}([\w-]{1,20})/im.exec(head)?.[1]?.toLowerCase();
  if (how === 'base64') {
    const digits = body.replaceAll(/[^A-Za-z0-9+/]/g, '');
    return atob(digits.slice(0, digits.length - (digits.length % 4)));
  }
  if (how !== 'quoted-printable') return body;
  return body
    .replaceAll(/=[ \t]{0,20}\n/g, '')
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The text as lines: folded fields of mail joined, each field of JSON on a line of its own, also where it is torn. */
function laidOut(text: string, kind: Part['kind']): string {
  const start = text.slice(0, 1000).trimStart();
  if (start.startsWith('{') || start.startsWith('[{'))
    return text.replaceAll(/[{},[\]]\s{0,100}(?=["{])/g, '\n');
  return kind === 'sample' ? unfold(text) : text;
}

const unfold = (text: string) => text.replaceAll(/\n[ \t]{1,20}(?=\S)/g, ' ');
