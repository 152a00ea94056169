import { type Migration, tenantTable } from '../../platform/index.ts';

/** Tables whose rows tell of CIs, and the columns that name them. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  cmdb_ci: ['id'],
  cmdb_relation: ['from_id', 'to_id'],
  cmdb_change: ['ci_id', 'other_id'],
  cmdb_maintenance_window: ['ci_id'],
  cmdb_source_record: ['ci_id'],
  cmdb_proposal: ['ci_id'],
  cmdb_duplicate: ['ci_id', 'other_id'],
  cmdb_model_task: ['ci_id'],
  cmdb_unique_value: ['ci_id'],
  cmdb_alert: ['ci_id'],
  cmdb_ci_state: ['ci_id'],
};

/**
 * CIs that are withheld from those without cmdb:restricted. A transaction whose `faultline.cmdb_sight` is `open` sees no
 * row that tells of one, whatever it asks; every other transaction sees all, and pays nothing for it. A CI that was
 * removed stays in the list, and with it its history stays withheld.
 */
export const restricted: Migration = {
  id: 'cmdb/0013-restricted',
  sql: `
    create table cmdb_restricted (
      tenant_id uuid not null,
      ci_id uuid not null,
      primary key (tenant_id, ci_id)
    );
    ${tenantTable('cmdb_restricted', { app: 'select, insert, delete' })}

    create function cmdb_sees_restricted() returns boolean language sql stable parallel safe as $$
      select coalesce(current_setting('faultline.cmdb_sight', true), '') <> 'open'
    $$;
    ${Object.entries(TELLING).map(sight).join('\n')}
  `,
};

/** Withholds a table's rows. The look into the list is a hash made once, and only where something is withheld. */
export function sight([table, columns]: [string, readonly string[]]): string {
  const open = columns.map(
    (column) => `(${column} is null or ${column} not in (select x.ci_id from cmdb_restricted x))`,
  );
  return `create policy sight on ${table} as restrictive for select to faultline_app
    using ((select cmdb_sees_restricted()) or (${open.join(' and ')}));`;
}
