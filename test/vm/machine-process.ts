// What runs in the virtual machine: plays the scenarios that the host names, one a line, and answers each with one line.
import { createInterface } from 'node:readline';
import { type ScenarioName, scenarios } from './scenarios.ts';

const say = (message: object) => console.log(JSON.stringify(message));

say({ up: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { name, args } = JSON.parse(line) as { name: ScenarioName; args: readonly never[] };
  try {
    say({ result: await (scenarios[name] as (...args: never[]) => Promise<unknown>)(...args) });
  } catch (error) {
    say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
process.exit(0);
