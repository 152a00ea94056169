import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PID_FILE = 'demo.pid';

/**
 * Empties the folder of the last demo, for every demo tells its story from the beginning.
 *
 * @throws when a demo is running there
 */
export async function freshDemoFolder(folder: string): Promise<void> {
  const pid = pidIn(folder);
  if (pid !== undefined && isAlive(pid)) {
    throw new Error(`a demo runs already (process ${pid}); end it first, or use npm run demo -- --once`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, PID_FILE), String(process.pid));
}

function pidIn(folder: string): number | undefined {
  try {
    return Number(readFileSync(join(folder, PID_FILE), 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
