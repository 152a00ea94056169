import { type Migration, tenantTable } from '../../platform/index.ts';

/** How far the history has been copied to another store: a row for each series and day that is wholly there. */
export const copyMigration: Migration = {
  id: 'ingest/0292-telemetry-copy',
  sql: `
    create table telemetry_copy (
      tenant_id uuid not null,
      device text collate "C" not null,
      point text collate "C" not null,
      day_ns bigint not null,
      target text not null,
      readings bigint not null,
      copied_at timestamptz not null,
      primary key (tenant_id, device, point, day_ns, target)
    );
    ${tenantTable('telemetry_copy', { app: 'none', shipper: 'select, insert, update' })}
  `,
};
