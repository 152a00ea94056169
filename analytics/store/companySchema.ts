import { type Migration, tenantTable } from '../../platform/index.ts';

/** What a device's plain readings of one machine last said, so that they can be judged together. */
export const companyMigration: Migration = {
  id: 'analytics/0103-company',
  sql: `
    create table analytics_company (
      tenant_id uuid not null,
      device text collate "C" not null,
      machine_id uuid not null,
      -- store/companies.ts; opaque to SQL.
      company json not null,
      primary key (tenant_id, device, machine_id)
    ) with (fillfactor = 60);
    ${tenantTable('analytics_company')}
  `,
};
