import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Whether every folder from the root down to `path` may be entered by a user who owns none of them. */
export function reachableByOthers(path: string): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
