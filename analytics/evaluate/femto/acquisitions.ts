import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Feature } from '../../detectors/observation.ts';

const sidecar = z.object({
  rpm: z.number().positive().nullish(),
  acq_period_s: z.number().positive().nullish(),
  life_s: z.number().positive().nullish(),
  unit: z.string().nullish(),
});

/** One direction in which a bearing's vibration is measured: a measuring point of its own. */
export interface Channel {
  readonly name: string;
  /** Features of each acquisition, in order. */
  readonly acquisitions: readonly (readonly Feature[])[];
}

/** A bearing run to failure. */
export interface BearingLife {
  readonly record: string;
  readonly speedRpm: number | null;
  /** Time of each acquisition since the start, s. */
  readonly elapsedS: readonly number[];
  /** Life, s: read to score and to draw, by nothing else. */
  readonly lifeS: number;
  /** The recording stops before the life did. */
  readonly isCut: boolean;
  readonly channels: readonly Channel[];
}

const FEATURES_SUFFIX = '_features.csv';
const DEFAULT_PERIOD_S = 10;

/** Names of the recordings in a folder. */
export function listRecords(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(FEATURES_SUFFIX))
    .map((file) => file.slice(0, -FEATURES_SUFFIX.length))
    .sort();
}

/**
 * Reads one bearing: `<record>_features.csv` and, where it is there, the sidecar `<record>.json`.
 *
 * @throws {Error} when the table has no column `<channel>_rms` or no rows
 */
export function readRecord(directory: string, record: string): BearingLife {
  const beside = join(directory, `${record}.json`);
  const known = sidecar.parse(existsSync(beside) ? JSON.parse(readFileSync(beside, 'utf8')) : {});
  const [head = '', ...lines] = readFileSync(join(directory, `${record}${FEATURES_SUFFIX}`), 'utf8')
    .trim()
    .split(/\r?\n/);
  const columns = head.split(',').map((name) => name.trim());
  const rows = lines.map((line) => line.split(',').map(Number));
  const channels = columns.filter((name) => /^[^_]+_rms$/.test(name)).map((name) => name.slice(0, -'_rms'.length));
  if (channels.length === 0 || rows.length === 0) throw new Error('no column like h_rms, or no rows');
  const periodS = known.acq_period_s ?? DEFAULT_PERIOD_S;
  const at = columns.indexOf('elapsed_s');
  const elapsedS = rows.map((row, i) => (at >= 0 ? row[at]! : i * periodS));
  const recordedS = elapsedS.at(-1)! + periodS;
  return {
    record,
    speedRpm: known.rpm ?? null,
    elapsedS,
    lifeS: known.life_s ?? recordedS,
    isCut: recordedS < 0.98 * (known.life_s ?? recordedS),
    channels: channels.map((name) => ({
      name,
      acquisitions: rows.map((row) => features(columns, row, name, known.unit ?? 'g')),
    })),
  };
}

/** The columns of one channel under the names that the worker gives a block's features. */
function features(columns: readonly string[], row: readonly number[], channel: string, unit: string): Feature[] {
  return columns.flatMap((column, i): Feature[] => {
    const value = row[i]!;
    if (!column.startsWith(`${channel}_`) || !Number.isFinite(value)) return [];
    const what = column.slice(channel.length + 1);
    if (what === 'kurt') return [{ name: 'kurtosis', value, unit: '', scale: 'log', group: 'shape' }];
    if (what === 'crest') return [{ name: 'crest', value, unit: '', scale: 'log', group: 'shape' }];
    if (what === 'rms') return [{ name: 'rms', value, unit, scale: 'log', group: 'level' }];
    return what.startsWith('rms_')
      ? [{ name: `band ${what.slice(4)}`, value, unit, scale: 'log', group: 'level' }]
      : [];
  });
}
