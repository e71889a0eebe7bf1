import { describe, test } from 'vitest';
import { labObstacle } from './obstacle.ts';

/**
 * A suite that needs the lab. Where no lab can be made it is skipped with the reason in its name, and fails
 * instead with CI=true: there a skipped lab would look like a passed one.
 */
export function describeLab(name: string, body: () => void): void {
  const obstacle = labObstacle();
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
