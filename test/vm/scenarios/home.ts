import { type Lab, startLab } from '../../lab/lab.ts';

let started: Promise<Lab> | undefined;

/** The machine's lab, which all its scenarios share: in emulation it takes a quarter of a minute. */
export function home(): Promise<Lab> {
  started ??= startLab();
  return started;
}
