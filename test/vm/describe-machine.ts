import { describe, test } from 'vitest';
import { machineObstacle } from './obstacle.ts';

/**
 * A suite that needs the virtual machine. Where none can be booted it is skipped with the reason in its name, and fails
 * instead with CI=true: there a skipped machine would look like a passed one.
 */
export function describeMachine(name: string, body: () => void): void {
  const obstacle = machineObstacle();
  if (obstacle === undefined) {
    describe(name, body);
  } else if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(obstacle);
    });
  } else {
    console.warn(`skipped: ${name}: ${obstacle}`);
    describe.skip(`${name} (${obstacle})`, body);
  }
}
