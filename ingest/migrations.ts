import type { Migration } from '../platform/index.ts';
import { copyMigration } from './copy/schema.ts';
import { exportMigration } from './export/schema.ts';
import { liveMigration } from './live/schema.ts';
import { operationsMigration } from './operations/schema.ts';
import { intakeLedgerMigration, quarantineFormatMigration } from './schema.ts';
import { influxStoreMigration } from './store/influx/schema.ts';
import { storeMigration } from './store/postgres/schema.ts';
import { waveformObjectsMigration } from './store/s3/schema.ts';

/** The schema of the storing half: stores, positions, ledger, quarantine, feed. */
export const storingMigrations: readonly Migration[] = [
  storeMigration,
  intakeLedgerMigration,
  quarantineFormatMigration,
  operationsMigration,
  liveMigration,
  influxStoreMigration,
  exportMigration,
  waveformObjectsMigration,
  copyMigration,
];
