import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Every policy on labels that a tenant has had, with its author and reason; the newest one holds. */
export const policyMigration: Migration = {
  id: 'analytics/0011-label-policy',
  sql: `
    create table threshold_policy (
      tenant_id uuid not null,
      id uuid not null,
      auto_apply boolean not null,
      max_step_share double precision not null check (max_step_share > 0 and max_step_share <= 1),
      min_labels integer not null check (min_labels between 1 and 1000),
      author text not null,
      reason text,
      changed_at timestamptz not null,
      primary key (tenant_id, id)
    );
    ${tenantTable('threshold_policy', { app: 'select, insert' })}

    -- What was in force goes on holding; only its last author is known.
    insert into threshold_policy (tenant_id, id, auto_apply, max_step_share, min_labels, author, changed_at)
      select tenant_id, gen_random_uuid(), auto_apply, max_step_share, min_labels, policy_by, policy_at
      from threshold_set where policy_by is not null;
    alter table threshold_set drop column auto_apply, drop column max_step_share, drop column min_labels,
      drop column policy_by, drop column policy_at;
  `,
};
