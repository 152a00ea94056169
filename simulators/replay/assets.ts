import type { CmdbImport } from '../plant/index.ts';
import type { ReplayRecord } from './record.ts';

/** A record with the device that replays it. */
export interface ReplayAsset {
  record: ReplayRecord;
  /** Never made from the record's name: that may hold anything, and must say nothing. */
  device: string;
  /** Point of each column, or the one point of a waveform. */
  points: readonly { point: string; column: string }[];
}

/** Gives each record a device of its own. `run` keeps the devices of several replays into one system apart. */
export function replayAssets(records: readonly ReplayRecord[], run: string): ReplayAsset[] {
  return records.map((record, index) => ({
    record,
    device: `replay-${run}-${String(index + 1).padStart(3, '0')}`,
    points:
      record.kind === 'waveform'
        ? [{ point: 'vibration', column: '' }]
        : record.columns.map((column, at) => ({ point: `column-${at + 1}`, column })),
  }));
}

/** The CMDB of a replay: one machine with one bearing per record, and its measuring points. */
export function replayCmdb(assets: readonly ReplayAsset[]): CmdbImport {
  const cmdb: CmdbImport = { cis: [], relations: [] };
  for (const { record, device, points } of assets) {
    const bearing = `${device}.bearing`;
    const orders = record.kind === 'waveform' ? record.orders : undefined;
    const speedRpm = record.kind === 'waveform' ? record.speedRpm : undefined;
    cmdb.cis.push(
      {
        key: device,
        type: 'equipment',
        name: `Recording ${record.name}`,
        status: 'active',
        attributes: speedRpm ? { ratedRpm: Math.round(speedRpm) } : {},
      },
      {
        key: bearing,
        type: 'component',
        name: `Recording ${record.name}: bearing`,
        status: 'active',
        attributes: orders ? { bearingOrders: orders } : {},
      },
    );
    cmdb.relations.push({ from: bearing, type: 'PART_OF', to: device });
    for (const { point, column } of points) {
      const key = `${device}/${point}`;
      const name = column === '' ? `Recording ${record.name}: vibration` : `Recording ${record.name}: ${column}`;
      const attributes = record.kind === 'waveform' ? { unit: record.unit } : {};
      cmdb.cis.push({ key, type: 'measuring_point', name, status: 'active', attributes });
      cmdb.relations.push({ from: key, type: 'MONITORS', to: bearing });
    }
  }
  return cmdb;
}
