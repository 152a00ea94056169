export type { FeedItem, FeedReading, FeedWaveform } from './feed/items.ts';
export { analyticsPartition, completeBatches, type FeedBatch, takeBatches } from './feed/take.ts';
export { intakeLedgerMigration } from './schema.ts';
export { storeMigration } from './store/postgres/schema.ts';
export type { Aggregate, Series, TelemetryStore } from './store/telemetryStore.ts';
export type { StoredWaveform, WaveformHeader, WaveformStore } from './store/waveformStore.ts';
