import { type Migration, tenantTable } from '../../platform/index.ts';

/** How vendors' messages are read. A version never changes: records in the spool name theirs. */
export const mappingMigration: Migration = {
  id: 'ingest/0203-payload-mappings',
  sql: `
    create table payload_mapping (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      name text not null check (char_length(name) between 1 and 128),
      created_at timestamptz not null,
      created_by text not null,
      primary key (tenant_id, id),
      unique (tenant_id, name)
    );
    ${tenantTable('payload_mapping', { app: 'select, insert' })}

    create table payload_mapping_version (
      tenant_id uuid not null,
      id uuid not null,
      mapping_id uuid not null,
      version integer not null check (version > 0),
      definition jsonb not null,
      created_at timestamptz not null,
      created_by text not null,
      primary key (tenant_id, id),
      unique (tenant_id, mapping_id, version),
      foreign key (tenant_id, mapping_id) references payload_mapping (tenant_id, id)
    );
    create index payload_mapping_version_by_id on payload_mapping_version (id);
    ${tenantTable('payload_mapping_version', { app: 'select, insert', auth: 'select', shipper: 'select' })}
  `,
};
