import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { backupErrors } from './errors.ts';

export interface SavedFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** A stream that passes on what it gets, and knows its checksum and length afterwards. */
export function hashing(): Transform & { sha256(): string; bytes(): number } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return Object.assign(stream, { sha256: () => hash.digest('hex'), bytes: () => bytes });
}

/** Every file below a folder, by its path within it; folders and files that `left` names are left out. */
export async function filesBelow(folder: string, left: (path: string) => boolean = () => false): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (left(relative(folder, path))) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(relative(folder, path));
    }
  };
  await walk(folder);
  return found.sort();
}

/** Gives each file another name in `to`, where it outlives its removal; one that has gone meanwhile is passed over. */
export async function linkAll(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rm(target, { force: true });
    await link(join(from, path), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** Copies one file, as long as it is now, and says what was copied. */
export async function copyFile(from: string, to: string, path: string): Promise<SavedFile> {
  const { size } = await stat(join(from, path));
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const told = hashing();
  // A segment of the spool grows meanwhile: what comes after this moment is not part of the backup.
  const source = size === 0 ? [] : createReadStream(join(from, path), { end: size - 1 });
  await pipeline(source, told, createWriteStream(target, { mode: 0o600 }));
  return { path, bytes: told.bytes(), sha256: told.sha256() };
}

/** Copies a saved file back; one that is not what was saved is not believed. */
export async function copyBack(from: string, to: string, saved: SavedFile): Promise<void> {
  const copied = await copyFile(from, to, saved.path);
  if (copied.sha256 !== saved.sha256) throw backupErrors.RESTORE_DAMAGED({ file: join(from, saved.path) });
  await chmod(join(to, saved.path), 0o600);
}
