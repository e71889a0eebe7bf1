import { describe, test } from 'vitest';
import { labObstacle } from './obstacle.ts';

/** A suite that needs the lab; see {@link describeUnless}. */
export function describeLab(name: string, body: () => void): void {
  describeUnless(labObstacle(), name, body);
}

/**
 * A suite that runs where nothing is in its way. Else it is skipped with the reason in its name, and fails instead with
 * CI=true: there a skipped suite would look like a passed one.
 */
export function describeUnless(obstacle: string | undefined, name: string, body: () => void): void {
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
