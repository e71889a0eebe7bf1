import { readFile } from 'node:fs/promises';

/** A kernel tick of /proc/PID/stat: USER_HZ is 100 on every architecture that Node runs on. */
const tickMs = 10;

/** Processor time of a process so far, all threads, user and system; its children not. Rejects if it is gone. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // pid (name) state …: the name may hold anything. utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Memory of a process in MB (10^6 bytes). */
export interface Memory {
  /** Resident, shared pages included: of Node most are. */
  readonly rssMb: number;
  /** What no other process shares, and what would be free without it. */
  readonly privateMb: number;
}

/** Reads the memory of a process. Rejects if it is gone. */
export async function memoryOf(pid: number): Promise<Memory> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1');
  const mb = (field: string) => {
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
    if (kib === undefined) throw new Error(`no ${field} in smaps_rollup of ${pid}`);
    return (Number(kib) * 1024) / 1e6;
  };
  return { rssMb: mb('Rss'), privateMb: mb('Private_Clean') + mb('Private_Dirty') };
}

/** The name of a process, as `ps` shows it; empty if it is gone. */
export async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'latin1').catch(() => '')).trim();
}
