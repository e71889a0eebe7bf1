// What runs in the virtual machine: plays the scenarios that the host names, one a line, and answers each with one line.
import { createInterface } from 'node:readline';
import { type ScenarioName, scenarios } from './scenarios.ts';

const say = (message: object) => console.log(JSON.stringify(message));

const lines = createInterface({ input: process.stdin });
// Nobody asks any more: the machine goes off, whatever it does just now.
lines.once('close', () => process.exit(0));
for await (const line of lines) {
  const { name, args } = JSON.parse(line) as { name: ScenarioName; args: readonly never[] };
  try {
    const result = await (scenarios[name] as (...args: never[]) => Promise<unknown>)(...args);
    say({ result: result ?? null });
  } catch (error) {
    say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
