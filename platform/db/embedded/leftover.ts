import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseErrors } from '../errors.ts';

const GRACE_MS = 8_000;
const LIMIT_MS = 20_000;

/**
 * Waits for the server of a killed process to finish its shutdown, and ends it when it does not. Called under the
 * directory's lock, so no living Faultline owns that server.
 */
export async function stopLeftover(cluster: string): Promise<void> {
  const startedMs = Date.now();
  for (let asked = false; ; ) {
    const pid = postmasterOf(cluster);
    if (pid === undefined || !serves(pid, cluster)) return;
    const elapsedMs = Date.now() - startedMs;
    if (elapsedMs > LIMIT_MS) {
      throw databaseErrors.DB_START({ reason: `a leftover server (process ${pid}) does not stop`, log: 'none' });
    }
    if (elapsedMs > GRACE_MS && !asked) {
      process.kill(pid, 'SIGQUIT');
      asked = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether that process is a PostgreSQL server of this very cluster, not another one that got the same id. */
function serves(pid: number, cluster: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster);
  } catch {
    return process.platform !== 'linux';
  }
}

/** The process id in a cluster's postmaster.pid, if there is one. */
function postmasterOf(cluster: string): number | undefined {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}
