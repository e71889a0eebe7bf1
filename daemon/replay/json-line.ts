/** A member's value that is a finite number, not negative; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < 1e15 ? value : undefined;
}

/** A member's value that is a text, else the empty text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * The number after a member's name (with its quotes), found without reading the line as JSON: nearly all lines of a log
 * are not about mail. Undefined where there is none.
 */
export function portAfter(line: string, name: string): number | undefined {
  let at = line.indexOf(name);
  if (at < 0) return undefined;
  at += name.length;
  let port: number | undefined;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code >= 48 && code <= 57) port = (port ?? 0) * 10 + code - 48;
    else if (port !== undefined || (code !== 32 && code !== 58)) break;
  }
  return port;
}
