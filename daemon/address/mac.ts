/** An Ethernet address as six lower-case pairs with colons, e.g. `ec:71:db:00:11:22`. Made only by {@link parseMac}. */
export type Mac = string & { readonly mac: unique symbol };

const form = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** Reads `aa:bb:…`, `AA-BB-…` or twelve hex digits; undefined for anything else, and for multicast and all-zero. */
export function parseMac(text: string): Mac | undefined {
  if (text.length > 17) return undefined;
  const lower = text.toLowerCase().replaceAll('-', ':');
  const spaced = /^[0-9a-f]{12}$/.test(lower) ? (lower.match(/../g) ?? []).join(':') : lower;
  if (!form.test(spaced) || spaced === '00:00:00:00:00:00') return undefined;
  const isMulticast = (Number.parseInt(spaced.slice(0, 2), 16) & 1) === 1;
  return isMulticast ? undefined : (spaced as Mac);
}

/** Whether the address is locally administered (bit 0x02 of the first octet): phones randomise such addresses. */
export function isRandomised(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) === 2;
}
