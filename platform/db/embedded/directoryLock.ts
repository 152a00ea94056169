import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseErrors } from '../errors.ts';
import { makeFolderDurably } from './durable.ts';

/** Holds a data directory for this process alone. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the lock of a data directory, or says which process holds it. A lock whose process is gone is taken over;
 * the process's start time is kept beside its id, so that a reused id is not mistaken for the owner.
 *
 * @throws {FaultlineError} DB_DIRECTORY_IN_USE
 */
export function lockDirectory(directory: string): DirectoryLock {
  makeFolderDurably(directory, 0o711);
  const lock = join(directory, 'faultline.lock');
  const mine = join(directory, `faultline.lock.${process.pid}`);
  writeFileSync(mine, `${process.pid} ${startTimeOf(process.pid)}\n`);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(mine, lock); // atomic: fails when the name exists
        return { release: () => rmSync(lock, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = ownerOf(lock);
        if (owner && isRunning(owner)) throw databaseErrors.DB_DIRECTORY_IN_USE({ directory, pid: owner.pid });
        if (attempt > 5) throw error;
        rmSync(lock, { force: true });
      }
    }
  } finally {
    unlinkSync(mine);
  }
}

interface Owner {
  pid: number;
  startTime: string;
}

function ownerOf(lock: string): Owner | undefined {
  try {
    const [pid, startTime] = readFileSync(lock, 'utf8').trim().split(' ');
    // It is written before it gets its name, so without content it is what a power cut left of it.
    return Number(pid) > 0 ? { pid: Number(pid), startTime: startTime ?? '' } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startTimeOf(owner.pid) === owner.startTime;
}

/** Field 22 of /proc/PID/stat: clock ticks after boot; empty where there is no /proc. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
