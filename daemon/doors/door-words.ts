import type { Door, FoundDoors } from './door.ts';

/** Doors that a sentence names; the device's document has more. */
const mostNamed = 3;
const kinds = {
  'port forward': 'port forward',
  UPnP: 'UPnP mapping',
  'firewall rule': 'firewall rule for port',
} as const;

/** "port forward 8080 (Web cam)", "UPnP mapping 4000/udp". */
function spokenDoor({ kind, ports, protocol, name }: Door): string {
  const by = protocol === 'tcp' ? '' : `/${protocol.replace(', ', '+')}`;
  return `${kinds[kind]} ${ports}${by}${name === undefined ? '' : ` (${name})`}`;
}

/** What was found, with its words for people. */
export function withWords(found: FoundDoors): FoundDoors {
  if (found.doors.length === 0) return found;
  return { ...found, text: doorWords(found), remedy: doorRemedy(found) };
}

/** "What leads to it: port forward 8080 (Web cam), to its port 80." */
function doorWords({ doors, omitted }: FoundDoors): string {
  const named = doors
    .slice(0, mostNamed)
    .map((door) => spokenDoor(door) + (door.port === undefined ? '' : `, to its port ${door.port}`));
  return `What leads to it: ${named.join('; ')}${andMore(doors.length - named.length + omitted)}.`;
}

/** "Close port forward 8080 (Web cam) to it: ...". */
function doorRemedy({ doors, omitted }: FoundDoors): string {
  const named = doors.slice(0, mostNamed).map(spokenDoor);
  const upnp = doors.some(({ kind }) => kind === 'UPnP') ? ' and switch off UPnP' : '';
  const more = andMore(doors.length - named.length + omitted);
  return `Close ${named.join(', ')}${more} to it${upnp}: that is how most things are taken over.`;
}

const andMore = (count: number) => (count > 0 ? ` and ${count} more` : '');
