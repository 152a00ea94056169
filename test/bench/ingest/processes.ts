import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/<pid>/stat on Linux. */
const TICKS_A_SECOND = 100;

/** One process (with its children) whose cost is told by its role. */
export interface Measured {
  role: 'broker' | 'consumer' | 'InfluxDB' | 'PostgreSQL' | 'publishers';
  pid: number;
}

interface Stat {
  parent: number;
  cpuSeconds: number;
  residentBytes: number;
}

const stats = (): Map<number, Stat> => {
  const found = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      // Fields from the third on; the second, the name, may hold spaces. cutime and cstime: children that have ended.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
      const residentBytes = Number(fields[21]) * 4096;
      found.set(Number(name), { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_A_SECOND, residentBytes });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
};

export interface Usage {
  cpuSeconds: number;
  /** Shared pages of PostgreSQL's processes count once each: an upper bound. */
  residentBytes: number;
}

/** What each role has used until now, its processes' children included. */
export function usageOf(processes: readonly Measured[]): Map<Measured['role'], Usage> {
  const all = stats();
  const children = Map.groupBy(all.keys(), (pid) => all.get(pid)!.parent);
  const own = new Set(processes.map(({ pid }) => pid));
  const sum = (pid: number): Usage => {
    const stat = all.get(pid);
    const usage = { cpuSeconds: stat?.cpuSeconds ?? 0, residentBytes: stat?.residentBytes ?? 0 };
    for (const child of children.get(pid) ?? []) {
      if (own.has(child)) continue;
      const more = sum(child);
      usage.cpuSeconds += more.cpuSeconds;
      usage.residentBytes += more.residentBytes;
    }
    return usage;
  };
  return new Map(processes.map(({ role, pid }) => [role, sum(pid)]));
}
