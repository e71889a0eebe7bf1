import type { Fields } from './fields.ts';
import { pairs } from './table.ts';

/** Which device it was, for people: what was asked, the devices best first, and what is not known. */
export function renderWho(answer: Fields): string {
  const asked = answer.items('asked').map((one) => {
    const port = one.has('port') ? `, port ${one.text('port')}` : '';
    const to = one.has('to') ? `, to ${one.text('to')}` : '';
    const about = `give or take ${Math.round(one.number('uncertainty_s') / 60)} min`;
    return `Asked: ${spoken(one.text('at'))} (${one.text('local')}), ${about}${port}${to}`;
  });
  const devices = answer.items('answers').map(renderOne);
  const notes = answer.texts('notes').map((note) => `- ${note}`);
  return [...asked, ...devices, ...notes].join('\n');
}

const sure = new Map([
  ['high', 'It was most likely this one'],
  ['medium', 'It may have been this one'],
  ['low', 'Less likely'],
]);

function renderOne(device: Fields): string {
  const key = device.text('device');
  const maker = device.has('maker') ? `, ${device.text('maker')}` : '';
  const name = `${device.text('name')}${key === '' ? '' : ` (${key}${maker})`}`;
  const list = (name: string) => device.texts(name).join(', ');
  return [
    `${sure.get(device.text('confidence')) ?? ''}: ${name}`,
    pairs([
      ['  seen', `${spoken(device.text('first'))} to ${spoken(device.text('last'))}`],
      [
        '  mail',
        `${device.text('connections')} connections, about ${device.text('messages')} messages, ${device.text('refused')} refused`,
      ],
      ['  ports', list('ports')],
      ['  to', list('groups')],
      ['  servers', list('servers')],
    ]),
  ].join('\n');
}

const spoken = (iso: string) => iso.replace('T', ' ').replace('Z', ' UTC');
