import {
  type DegradedReason,
  degradedReasons,
  guardStateOf,
  silentReasons,
} from '../../daemon/engine/degraded.ts';
import { verbsAllowed } from '../../daemon/mqtt/requests.ts';
import { documentSchemas } from './document-schemas.ts';
import { discoveryUses, type TopicUse, topicUses } from './mqtt-topics.ts';
import { commandWords, discoveryWords, eventWords, stateWords, topicWords } from './mqtt-words.ts';
import type { ObjectSchema, Schema } from './schema-types.ts';

const code = (word: string) => `\`${word}\``;
const codes = (words: readonly string[]) => words.map(code).join(', ');
const yesNo = (isSo: boolean) => (isSo ? 'yes' : 'no');
/** Above this an enumeration has a table of its own, which its description or its section shows. */
const mostListed = 8;

/** A table in Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function qosCell({ isOurs, qos, deletionQos }: TopicUse): string {
  if (!isOurs) return 'any';
  const isDeletedOtherwise = deletionQos.some((each) => !qos.includes(each));
  return isDeletedOtherwise
    ? `${qos.join(' or ')}, deleted with ${deletionQos.join(' or ')}`
    : qos.join(' or ');
}

const retainedCell = ({ isOurs, isRetained }: TopicUse) =>
  isOurs ? yesNo(isRetained) : isRetained ? 'may be' : 'must not be';

/** Topics below `<base>/<node>/`. */
function topicTable(): string {
  const rows = [...topicUses()].map(([name, use]) => [
    code(use.topic),
    topicWords[name],
    use.isOurs ? 'Postern' : 'you',
    retainedCell(use),
    qosCell(use),
    name in documentSchemas ? `[${name}.json](schema/${name}.json)` : '',
  ]);
  return table(['topic', 'says', 'written by', 'retained', 'QoS', 'schema'], rows);
}

/** Topics of Home Assistant. */
function discoveryTable(): string {
  const rows = [...discoveryUses()].map(([name, use]) => [
    code(use.topic),
    discoveryWords[name],
    use.isOurs ? 'Postern' : 'Home Assistant',
    retainedCell(use),
    qosCell(use),
  ]);
  return table(['topic', 'says', 'written by', 'retained', 'QoS'], rows);
}

/** What each setting of `mqtt.commands` allows beyond the one before it. */
function commandTable(): string {
  const settings = Object.entries(verbsAllowed) as [keyof typeof verbsAllowed, readonly string[]][];
  const rows = settings.map(([setting, verbs], index) => {
    const before = settings[index - 1]?.[1] ?? [];
    const more = codes(verbs.filter((verb) => !before.includes(verb)));
    const allows = verbs.length === 0 ? 'nothing' : before.length > 0 ? `also ${more}` : more;
    return [code(setting), allows, commandWords[setting]];
  });
  return table(['`commands`', 'allows', ''], rows);
}

/** What a schema allows, in a word or two. */
function typeOf(schema: Schema): string {
  if ('const' in schema) return code(String(schema.const));
  if ('enum' in schema) return schema.enum.length > mostListed ? 'a word, see below' : codes(schema.enum);
  switch (schema.type) {
    case 'string':
      return { 'date-time': 'time', 'device-key': 'key', none: 'text' }[schema.format ?? 'none'];
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return 'true or false';
    case 'array': {
      const most = schema.maxItems === undefined ? '' : `, at most ${schema.maxItems}`;
      return `list of ${'enum' in schema.items || 'const' in schema.items ? 'words' : plural(schema.items)}${most}`;
    }
    case 'object':
      return 'object';
  }
}

const plural = (schema: Schema) => `${typeOf(schema)}s`;

/** A row for each member, those of nested objects behind the one that holds them. */
function memberRows({ properties, required }: ObjectSchema, path = ''): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inner = 'type' in schema && schema.type === 'array' ? schema.items : schema;
    const isNested = 'type' in inner && inner.type === 'object';
    const where = `${path}${name}${inner === schema ? '' : '[]'}.`;
    const own = [
      code(`${path}${name}`),
      typeOf(schema),
      yesNo(required.includes(name)),
      schema.description ?? '',
    ];
    return [own, ...(isNested ? memberRows(inner, where) : [])];
  });
}

const members = (schema: ObjectSchema) => table(['member', 'type', 'always', 'meaning'], memberRows(schema));

/** Neighbours with the same words share a row. */
function wordTable(head: string, words: Readonly<Record<string, string>>, meaning: string): string {
  const rows: { names: string[]; text: string }[] = [];
  for (const [name, text] of Object.entries(words)) {
    const last = rows.at(-1);
    if (last?.text === text) last.names.push(name);
    else rows.push({ names: [name], text });
  }
  return table(
    [code(head), meaning],
    rows.map(({ names, text }) => [codes(names), text]),
  );
}

/** What may be wrong with the guard: what it does to the status, and whether it makes events. */
function reasonTable(): string {
  const rows = (Object.keys(degradedReasons) as DegradedReason[]).map((reason) => [
    code(reason),
    ...degradedReasons[reason],
    code(guardStateOf([reason])),
    yesNo(!silentReasons.has(reason)),
  ]);
  return table(['`code`', '`text`', '`remedy`', '`state`', 'events'], rows);
}

/** What docs/mqtt.md has between its marks, by name. */
export const mqttTables = {
  topics: topicTable,
  commands: commandTable,
  discovery: discoveryTable,
  info: () => members(documentSchemas.info),
  event: () => members(documentSchemas.event),
  events: () => wordTable('type', eventWords, 'when'),
  device: () => members(documentSchemas.device),
  states: () => wordTable('state', stateWords, 'the device'),
  status: () => members(documentSchemas.status),
  reasons: reasonTable,
} as const satisfies Readonly<Record<string, () => string>>;
