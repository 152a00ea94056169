import { readdirSync, readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;

/** CPU seconds that a process has used so far, its ended children included; 0 when it is gone. */
export function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid);
  if (!fields) return 0;
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_A_SECOND;
}

/** The same with all children that live, such as a database server's backends. */
export function cpuSecondsOfTree(pid: number): number {
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && statOf(Number(name))?.[1] === String(pid),
  );
  return children.reduce((sum, child) => sum + cpuSecondsOf(Number(child)), cpuSecondsOf(pid));
}

/** The process that started this one. */
export function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1]);
}

/** `/proc/PID/stat` from its third field on. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
