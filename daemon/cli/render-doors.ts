import type { Fields } from './fields.ts';

/** The doors of a device in one line; empty where nobody looked for them. */
export function doorWords(device: Fields): string {
  if (!device.has('doors')) return '';
  const doors = device.items('doors').map((door) => {
    const to = door.has('port') ? `, port ${door.text('port')}` : '';
    const name = door.has('name') ? ` (${door.text('name')})` : '';
    return `${door.text('kind')} ${door.text('ports')}/${door.text('protocol')}${name} to ${door.text('address')}${to}`;
  });
  const omitted = device.number('doors_omitted');
  if (omitted > 0) doors.push(`and ${omitted} more`);
  if (device.has('doors_unread')) doors.push(`not all could be looked for: ${device.text('doors_unread')}`);
  return doors.length > 0 ? doors.join('; ') : 'none found in the rules of the firewall';
}
