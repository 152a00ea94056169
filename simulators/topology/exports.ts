import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Api } from '../attach/index.ts';

const EXPORT = /\.(csv|json|ya?ml|xml)$/i;
/** What one import takes; the same as the API's own bound. */
const MOST_FILES = 100;

/** One export as text. */
export interface ExportFile {
  readonly name: string;
  readonly content: string;
}

/** What became of an import, as the API tells it. */
export interface Imported {
  readonly version: string;
  readonly cis: Counts;
  readonly relations: Counts;
  readonly formats: readonly { readonly file: string; readonly format: string }[];
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
}

interface Counts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/**
 * The exports in a folder and the folders in it, or the one file named.
 * @throws when there is none, or more than one import takes
 */
export async function exportsIn(path: string): Promise<ExportFile[]> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder
    ? (await readdir(path, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && EXPORT.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [path];
  if (names.length === 0) throw new Error(`${path} holds no export: .csv, .json, .yaml or .xml`);
  if (names.length > MOST_FILES)
    throw new Error(`${path} holds ${names.length} exports; one import takes ${MOST_FILES}. Name a smaller folder.`);
  return Promise.all(
    names.map(async (name) => ({
      name: isFolder ? relative(path, name) : name,
      content: await readFile(name, 'utf8'),
    })),
  );
}

/** Imports them together: everything or nothing. @throws {ApiError} with what is wrong, and where */
export function importExports(api: Api, files: readonly ExportFile[], source: string | undefined): Promise<Imported> {
  return api.post<Imported>('/api/v1/cmdb/import', { files, ...(source === undefined ? {} : { source }) });
}
