import { spawnSync } from 'node:child_process';
import { qemu } from './machine.ts';
import { machineObstacle } from './obstacle.ts';

/** Boots the machine with a shell on this terminal. */
const obstacle = machineObstacle();
if (obstacle !== undefined) throw new Error(obstacle);
const [program = '', ...args] = qemu();
spawnSync(program, [...args, '-serial', 'mon:stdio'], { stdio: 'inherit' });
