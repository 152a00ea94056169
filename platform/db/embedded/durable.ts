import { closeSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Gives a finished file or folder its name so that a power cut leaves it whole under that name, or not there at all. */
export function renameDurably(building: string, path: string): void {
  sync(building);
  renameSync(building, path);
  sync(dirname(path));
}

/** Makes a folder, and those above it, whose names outlive a power cut: syncing what is in a folder does not sync its name. */
export function makeFolderDurably(directory: string, mode: number): void {
  const first = mkdirSync(directory, { recursive: true, mode });
  if (first === undefined) return;
  for (let path = resolve(directory); path.length >= resolve(first).length; path = dirname(path)) sync(dirname(path));
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
