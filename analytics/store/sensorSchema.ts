import type { Migration } from '../../platform/index.ts';

/** A sensor's fault ends by itself, which is neither a label nor a suspicion that faded. */
export const sensorMigration: Migration = {
  id: 'analytics/0101-sensor-faults',
  sql: `
    alter table anomaly drop constraint anomaly_closed_reason_check;
    alter table anomaly add check (closed_reason in ('labelled', 'faded', 'recovered'));
  `,
};
