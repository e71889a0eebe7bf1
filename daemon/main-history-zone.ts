import { readFile } from 'node:fs/promises';
import { parseZone, type Zone } from './history/zone.ts';

/** The router's time zone: OpenWrt keeps it in /etc/TZ, other systems know it by themselves. */
export async function readZone(): Promise<Zone> {
  const kept = await readFile('/etc/TZ', 'latin1').catch(() => '');
  const found = parseZone((process.env['TZ'] ?? kept).trim());
  if (found) return found;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { name, offsetAt: (wallMs) => -new Date(wallMs).getTimezoneOffset() };
}
