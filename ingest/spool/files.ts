import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SUFFIX = '.seg';

export interface SegmentFile {
  path: string;
  /** Offset of its first byte in the whole spool. */
  base: number;
  bytes: number;
}

export function segmentPath(directory: string, base: number): string {
  return join(directory, base.toString(16).padStart(14, '0') + SUFFIX);
}

/** The segments of a directory in their order. */
export async function listSegments(directory: string): Promise<SegmentFile[]> {
  const names = (await readdir(directory)).filter((name) => /^[0-9a-f]{14}\.seg$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { path, base: Number.parseInt(name.slice(0, -SUFFIX.length), 16), bytes: (await stat(path)).size };
    }),
  );
}

/** Makes the creation, renaming or removal of a file in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
