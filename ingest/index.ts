export { objectsPart } from './backup/objectsPart.ts';
export { partitionsPart } from './backup/partitionsPart.ts';
export { ledgerProof } from './backup/proof.ts';
export { type CopyDeps, type CopyProgress, type CopyReport, copyHistory } from './copy/copyHistory.ts';
export {
  createConfigurationSender,
  createDeviceCommands,
  createDeviceRegistry,
  createObservations,
  type DeclaredRange,
  type DeviceCommands,
  type DeviceRegistry,
  type DeviceRoutesDeps,
  declaredRanges,
  deviceMigrations,
  deviceRoutes,
  hearReported,
  type IssuedCredential,
  type NewDevice,
} from './devices/index.ts';
export { createExporter, type Exporter } from './export/exporter.ts';
export type { FeedItem, FeedReading, FeedWaveform } from './feed/items.ts';
export { analyticsPartition, completeBatches, dropOldestBatch, type FeedBatch, takeBatches } from './feed/take.ts';
export { countWaitingBatches } from './feed/waiting.ts';
export {
  createIngestStores,
  type IngestStoreSettings,
  type IngestStores,
  type IngestStoresDeps,
} from './ingestStores.ts';
export { createIntake, type Intake, type IntakeDeps } from './intake.ts';
export { type Lanes, openLanes } from './lanes/openLanes.ts';
export type { LedgerReport } from './ledger/report.ts';
export { type MappingDefinition, mappingDefinition } from './mapping/definition.ts';
export { mappingRoutes } from './mapping/routes.ts';
export { storingMigrations } from './migrations.ts';
export { serveReplays } from './operations/bulkReplay.ts';
export { type OpenParts, openParts, type PartsOptions } from './parts/index.ts';
export { quotaRoutes } from './quota/routes.ts';
export { storedRoutes } from './routes/stored.ts';
export { openSpool, type Spool, type SpoolOptions } from './spool/index.ts';
export {
  type InfluxStoreSettings,
  type InfluxTelemetryStore,
  influxTelemetryStore,
} from './store/influx/telemetryStore.ts';
export type { Objects, S3Settings } from './store/s3/objects.ts';
export { openObjects } from './store/s3/open.ts';
export type { Aggregate, Series, TelemetryStore } from './store/telemetryStore.ts';
export type { StoredWaveform, WaveformHeader, WaveformStore } from './store/waveformStore.ts';
