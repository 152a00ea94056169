import { type Migration, tenantTable } from '../../platform/index.ts';
import { sight } from './restricted.ts';

export const mergedKeys: Migration = {
  id: 'cmdb/0014-merged-keys',
  sql: `
    -- Keys of CIs that were merged into another: what still calls it so means the other.
    create table cmdb_merged_key (
      tenant_id uuid not null,
      key text not null,
      ci_id uuid not null,
      primary key (tenant_id, key),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    ${tenantTable('cmdb_merged_key')}
    ${sight(['cmdb_merged_key', ['ci_id']])}
    create index cmdb_merged_key_of_ci on cmdb_merged_key (tenant_id, ci_id);
  `,
};
