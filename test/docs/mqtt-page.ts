import { readFileSync } from 'node:fs';
import { mqttTables } from './mqtt-tables.ts';

const file = new URL('../../docs/mqtt.md', import.meta.url);

/** docs/mqtt.md as it is committed. */
export const committedMqttPage = () => readFileSync(file, 'utf8');

/**
 * The page with what stands between `<!-- generated:NAME -->` and `<!-- /generated -->` made anew; the rest is written by hand.
 * Throws where a table has no place on the page, or more than one, or a mark no table.
 */
export function mqttPage(page = committedMqttPage()): string {
  const placed: string[] = [];
  const text = page.replace(
    /<!-- generated:(.*) -->\n(?:(?!<!-- generated:)[\s\S])*?<!-- \/generated -->/g,
    (_all, name: string) => {
      const make = Object.entries(mqttTables).find(([known]) => known === name)?.[1];
      if (!make) throw new Error(`docs/mqtt.md has a mark for "${name}", and no table is called so`);
      placed.push(name);
      return `<!-- generated:${name} -->\n\n${make()}\n\n<!-- /generated -->`;
    },
  );
  const names = Object.keys(mqttTables);
  if (placed.toSorted().join() !== names.toSorted().join())
    throw new Error(`docs/mqtt.md has places for ${placed.join(', ')}, and should for ${names.join(', ')}`);
  return text;
}
