import { canonicalIp } from '../address/ip.ts';

/**
 * The canonical text of an address as conntrack printed it, or undefined if it is none.
 *
 * conntrack prints canonical text already, so that is checked with plain comparisons first; only what fails the
 * check takes the slow road of {@link canonicalIp}. The result never points into the chunk that was read: V8's
 * substrings keep their parent alive, and a table of flows must not pin 64 KiB for each address.
 */
export function canonicalText(text: string): string | undefined {
  if (text.length < 2 || text.length > 45) return undefined;
  if (isCanonicalIp4(text) || isCanonicalIp6(text)) return detached(text);
  return canonicalIp(text);
}

/** A copy that does not share memory with the string it was cut from (short strings are copied by V8 itself). */
export function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

function isCanonicalIp4(text: string): boolean {
  let octets = 0;
  let value = -1;
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? 46 : text.charCodeAt(index);
    if (code === 46) {
      if (value < 0 || value > 255) return false;
      octets++;
      value = -1;
    } else if (code >= 48 && code <= 57 && value !== 0) {
      value = value < 0 ? code - 48 : value * 10 + code - 48;
    } else {
      return false;
    }
  }
  return octets === 4;
}

const group = /^(?:0|[1-9a-f][0-9a-f]{0,3})$/;

/** RFC 5952, section 4; says no to the rare forms that would need the runs of zeros to be compared. */
function isCanonicalIp6(text: string): boolean {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = text.split(':');
    return groups.length === 8 && plain(groups);
  }
  const head = gap === 0 ? [] : text.slice(0, gap).split(':');
  const tail = gap === text.length - 2 ? [] : text.slice(gap + 2).split(':');
  if (head.length + tail.length > 6 || head.at(-1) === '0' || tail[0] === '0') return false;
  return plain(head) && plain(tail);
}

function plain(groups: readonly string[]): boolean {
  return groups.every((part, index) => group.test(part) && !(part === '0' && groups[index - 1] === '0'));
}
