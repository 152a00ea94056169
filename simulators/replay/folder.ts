import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { csvRecord } from './csv.ts';
import { f32Record } from './f32.ts';
import { RecordingError, type ReplayRecord } from './record.ts';
import { readSidecar, type Sidecar } from './sidecar.ts';
import { wavRecords } from './wav.ts';

/** What a folder holds: recordings that can be replayed, and files that cannot with the reason. */
export interface Folder {
  records: ReplayRecord[];
  problems: string[];
}

/**
 * Opens every recording under a folder: `.f32` with its `.json`, `.wav`, `.csv`. A file that cannot be read is a
 * problem of its own; the others are replayed. Names say nothing here: they only join samples and sidecar.
 */
export async function openFolder(folder: string): Promise<Folder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new RecordingError(`the folder cannot be read: ${error.message}`);
  });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const sidecars = await readSidecars(paths);
  const found: Folder = { records: [], problems: [] };
  for (const path of paths) {
    try {
      found.records.push(...(await openRecording(path, sidecars)));
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      found.problems.push(error.message);
    }
  }
  return found;
}

function stemOf(path: string): string {
  return basename(path, extname(path));
}

type Sidecars = Map<string, Sidecar | RecordingError>;

/** Sidecars by the path of the samples that they describe. A JSON file that describes no samples is none. */
async function readSidecars(paths: readonly string[]): Promise<Sidecars> {
  const present = new Set(paths);
  const sidecars: Sidecars = new Map();
  for (const path of paths) {
    if (extname(path).toLowerCase() !== '.json') continue;
    const base = path.slice(0, -'.json'.length);
    const own = [`${base}.f32`, `${base}.wav`].filter((samples) => present.has(samples));
    const sidecar = await readSidecar(path).catch((error: unknown) => error as RecordingError);
    // FEMTO's layout: one sidecar for a bearing, and its samples carry the direction (`_h`, `_v`) in their name.
    const channels = [`${base}_h.f32`, `${base}_v.f32`].filter((samples) => present.has(samples));
    const named = 'rawFile' in sidecar && sidecar.rawFile ? [join(dirname(path), sidecar.rawFile)] : [];
    const targets =
      own.length > 0 ? own : channels.length > 0 ? channels : named.filter((samples) => present.has(samples));
    for (const samples of targets) if (!sidecars.has(samples)) sidecars.set(samples, sidecar);
  }
  return sidecars;
}

async function openRecording(path: string, sidecars: Sidecars): Promise<ReplayRecord[]> {
  const kind = extname(path).toLowerCase();
  const name = stemOf(path);
  if (kind === '.csv') return [await csvRecord(path, name)];
  if (kind !== '.f32' && kind !== '.wav') return [];
  const sidecar = sidecars.get(path);
  if (sidecar instanceof Error) throw sidecar;
  if (kind === '.wav') return wavRecords(path, name, sidecar ?? { unit: 'g' });
  if (!sidecar) {
    throw new RecordingError(`${basename(path)} has no sidecar: write ${name}.json with at least {"fs_hz": …}`);
  }
  return [await f32Record(path, name, sidecar)];
}
