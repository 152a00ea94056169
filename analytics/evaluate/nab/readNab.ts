import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { NabProfile, RowWindow } from './nabScore.ts';
import { STANDARD_PROFILE } from './nabScore.ts';

/** One series with its labelled windows, as rows of the series. */
export interface NabSeries {
  /** Path below the suite's folder. */
  readonly record: string;
  /** The data set's own name for the series, as its window file writes it. */
  readonly key: string;
  readonly timesMs: readonly number[];
  readonly stamps: readonly string[];
  readonly values: readonly number[];
  readonly windows: readonly RowWindow[];
}

export interface NabFolder {
  readonly series: readonly NabSeries[];
  readonly notRun: readonly string[];
  readonly profile: NabProfile;
}

type Windows = Record<string, [string, string][]>;
type Table = Omit<NabSeries, 'key' | 'windows'>;

/** The names under which the benchmark keeps its windows, in its own repository and by themselves. */
const WINDOW_FILES = ['windows.json', 'combined_windows.json'];
const PROFILE_FILE = 'profiles.json';
const STAMP = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;

/** Reads every series (CSV with a time stamp and a value) under a folder, however deep, and finds its windows. */
export function readNab(directory: string): NabFolder {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
  const windowFile = files.find((file) => WINDOW_FILES.includes(basename(file)));
  const windows: Windows = windowFile ? JSON.parse(readFileSync(join(directory, windowFile), 'utf8')) : {};
  const profileFile = files.find((file) => basename(file) === PROFILE_FILE);
  const series: NabSeries[] = [];
  const notRun: string[] = [];
  for (const record of files.filter((file) => file.endsWith('.csv'))) {
    const table = readTable(directory, record);
    if (table === null) {
      // Other tables of the data set (detectors' results) are none of ours.
      if (!record.includes('results')) notRun.push(`${record}: no rows of time stamp and value`);
      continue;
    }
    const key = keyOf(table, windows);
    if (key === null) notRun.push(`${record}: ${windowFile ? `no windows in ${windowFile}` : 'no file of windows'}`);
    else series.push({ ...table, key, windows: rowWindows(table, windows[key]!) });
  }
  return { series, notRun, profile: profileFile ? readProfile(join(directory, profileFile)) : STANDARD_PROFILE };
}

function readTable(directory: string, record: string): Table | null {
  const [head, ...lines] = readFileSync(join(directory, record), 'utf8').trim().split(/\r?\n/);
  const names = (head ?? '').split(',').map((name) => name.trim());
  // A detector's result file has further columns; a series has these two.
  if (names.length !== 2) return null;
  const rows = lines.map((line) => line.split(','));
  if (rows.length < 2 || !rows.every((row) => STAMP.test(row[0] ?? '') && row.length === 2)) return null;
  return {
    record,
    stamps: rows.map((row) => row[0]!),
    timesMs: rows.map((row) => timeOf(row[0]!)),
    values: rows.map((row) => Number(row[1])),
  };
}

/** Stamps carry no zone; all are read as UTC, so that they agree among themselves. */
function timeOf(stamp: string): number {
  return Date.parse(`${stamp.trim().replace(' ', 'T').slice(0, 19)}Z`);
}

/** By the path's name where it is known; else the only windows whose edges are all time stamps of the file. */
function keyOf(table: Table, windows: Windows): string | null {
  const keys = Object.keys(windows);
  const byName = keys.filter((key) => basename(key) === basename(table.record));
  if (byName.length === 1) return byName[0]!;
  const times = new Set(table.timesMs);
  const byTimes = keys.filter(
    (key) => windows[key]!.length > 0 && windows[key]!.flat().every((edge) => times.has(timeOf(edge))),
  );
  return byTimes.length === 1 ? byTimes[0]! : null;
}

function rowWindows({ timesMs }: Table, edges: readonly [string, string][]): RowWindow[] {
  return edges
    .map(([from, to]) => ({
      from: timesMs.findIndex((time) => time >= timeOf(from)),
      to: timesMs.findLastIndex((time) => time <= timeOf(to)),
    }))
    .filter(({ from, to }) => from >= 0 && to >= from)
    .sort((a, b) => a.from - b.from);
}

function readProfile(path: string): NabProfile {
  const { standard } = JSON.parse(readFileSync(path, 'utf8')) as { standard?: { CostMatrix?: NabProfile } };
  return { ...STANDARD_PROFILE, ...standard?.CostMatrix };
}
