import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../platform/index.ts';
import { syncDirectory } from './files.ts';
import type { SpoolSecret } from './record.ts';

export interface SpoolIdentity extends SpoolSecret {
  id: string;
}

/** Reads the spool's identity, or makes one for a new directory. It outlives every segment. */
export async function spoolIdentity(directory: string): Promise<SpoolIdentity> {
  const path = join(directory, 'spool.json');
  try {
    const stored = JSON.parse(await readFile(path, 'utf8')) as SpoolIdentity;
    if (typeof stored.id !== 'string' || !Number.isInteger(stored.marker) || !Number.isInteger(stored.seed))
      throw new Error(
        `${path} is damaged: restore it from a backup, or move the spool's directory aside to start anew`,
      );
    return stored;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const words = randomBytes(8);
  // A marker with a zero byte would be found in runs of zeros, which is what a torn file system leaves behind.
  for (let index = 0; index < 4; index++) words[index]! |= 0x80;
  const identity = { id: newId(), marker: words.readUInt32LE(0), seed: words.readUInt32LE(4) };
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(identity));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
  return identity;
}
