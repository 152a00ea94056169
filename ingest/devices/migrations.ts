import type { Migration } from '../../platform/index.ts';
import { mappingMigration } from '../mapping/schema.ts';
import { quotaMigration } from '../quota/schema.ts';
import { sparkplugMigration } from '../sparkplug/schema.ts';
import { deviceAuditMigration } from './audit/schema.ts';
import { deviceChangesMigration } from './changes.ts';
import { deviceClaimMigration } from './claims/schema.ts';
import { deviceCommandMigration } from './commands/schema.ts';
import { deviceConfigurationMigration } from './configuration/schema.ts';
import { deviceConnectionMigration } from './connections/schema.ts';
import { deviceObservationMigration } from './observations/schema.ts';
import { secretOverlapMigration } from './overlap.ts';
import { deviceMigration } from './schema.ts';
import { deviceSweepMigration } from './sweep.ts';
import { deviceTypeMigration } from './types/schema.ts';

/** The schema of everything about devices: of how their payloads are read, and of Sparkplug’s births. */
export const deviceMigrations: readonly Migration[] = [
  deviceMigration,
  deviceAuditMigration,
  deviceTypeMigration,
  deviceChangesMigration,
  deviceCommandMigration,
  quotaMigration,
  secretOverlapMigration,
  deviceClaimMigration,
  deviceObservationMigration,
  deviceConfigurationMigration,
  deviceConnectionMigration,
  sparkplugMigration,
  mappingMigration,
  deviceSweepMigration,
];
