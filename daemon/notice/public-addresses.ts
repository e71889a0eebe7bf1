import { parseIp, parseIp4 } from '../address/ip.ts';

const addressPattern =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:]|\.\d))/gi;

/** The addresses in a line that may be on the internet, as they are written; an IPv4 address may have a port behind it. */
export function publicAddresses(line: string): string[] {
  return [...line.matchAll(addressPattern)].flatMap(([text]) => (isPublic(text) ? [text] : []));
}

function isPublic(text: string): boolean {
  if (text.includes(':')) {
    const ip = parseIp(text.toLowerCase());
    return ip !== undefined && ip.value >> 125n === 1n;
  }
  const value = parseIp4(text);
  if (value === undefined) return false;
  const first = value >>> 24;
  const isPrivate = first === 10 || value >>> 20 === 0xac1 || value >>> 16 === 0xc0a8;
  return !isPrivate && first > 0 && first !== 127 && first < 224;
}
