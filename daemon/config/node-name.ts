import { parseMac } from '../address/mac.ts';

/**
 * The name of this router in topics and ids when none was chosen: the host name and the last six digits of the LAN
 * MAC (`openwrt-1a2b3c`), lower case, of letters, digits, `_` and `-`, at most 39 characters.
 */
export function defaultNode(hostname: string | undefined, lanMac: string | undefined): string {
  const host = (hostname ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 32);
  const tail = parseMac(lanMac ?? '')
    ?.replaceAll(':', '')
    .slice(-6);
  return [host || 'openwrt', tail].filter((part) => part !== undefined).join('-');
}
