import { type Migration, tenantTable } from '../../../platform/index.ts';

/** The columns of a scope, the same in every table that has one. */
const SCOPE = `
      machine_class text,
      machine_id uuid,
      point_key text collate "C",
      feature text,
      regime text,
      check (num_nonnulls(machine_class, machine_id, point_key) <= 1)`;

/** Thresholds: what holds, how it came to hold, and what simulations said beforehand. */
export const thresholdsMigration: Migration = {
  id: 'analytics/0002-thresholds',
  sql: `
    -- One row per tenant that has ever changed a threshold. Its lock orders the changes; its version names what holds.
    create table threshold_set (
      tenant_id uuid primary key,
      version bigint not null,
      -- Whether proposals made from labels may be applied without a person, and how far one step may go.
      auto_apply boolean not null default false,
      max_step_share double precision not null default 0.25 check (max_step_share > 0 and max_step_share <= 1),
      min_labels integer not null default 5 check (min_labels between 1 and 1000),
      policy_by text,
      policy_at timestamptz
    ) with (fillfactor = 50);
    ${tenantTable('threshold_set', { app: 'select, insert, update' })}

    create table threshold (
      tenant_id uuid not null,
      setting text not null,${SCOPE},
      value double precision not null,
      -- The change that put it here: a later change names it, and is refused when it is not the latest.
      change_id uuid not null
    );
    create unique index threshold_scope on threshold
      (tenant_id, setting, machine_class, machine_id, point_key, feature, regime) nulls not distinct;
    ${tenantTable('threshold')}

    -- Every proposal, application and revert, for good.
    create table threshold_change (
      tenant_id uuid not null,
      id uuid not null,
      status text not null check (status in ('proposed', 'applied', 'withdrawn')),
      origin text not null check (origin in ('person', 'labels', 'revert')),
      reason text not null,
      author text not null,
      author_id uuid,
      proposed_at timestamptz not null,
      settled_by text,
      settled_at timestamptz,
      settled_reason text,
      -- The run that it was applied on.
      simulation_id uuid,
      reverts uuid,
      -- The tenant's version once it was applied.
      version bigint,
      -- What the labels promised, for a proposal made from them.
      expected jsonb,
      primary key (tenant_id, id),
      check ((status = 'applied') = (version is not null)),
      check ((status = 'proposed') = (settled_at is null))
    );
    create index threshold_change_open on threshold_change (tenant_id) where status = 'proposed';
    ${tenantTable('threshold_change', { app: 'select, insert, update' })}

    create table threshold_edit (
      tenant_id uuid not null,
      change_id uuid not null,
      position smallint not null,
      setting text not null,${SCOPE},
      -- What was there when it was proposed, and which change had put it there; null: nothing, the wider scope held.
      from_value double precision,
      from_change_id uuid,
      -- null takes the value away, so that the wider scope holds again.
      to_value double precision,
      primary key (tenant_id, change_id, position)
    );
    create index threshold_edit_by_setting on threshold_edit (tenant_id, setting, change_id);
    ${tenantTable('threshold_edit', { app: 'select, insert' })}

    -- Work over the stored history, in the background when it is long: simulations, and proposals from labels.
    create table threshold_run (
      tenant_id uuid not null,
      id uuid not null,
      kind text not null check (kind in ('simulation', 'labels')),
      status text not null check (status in ('waiting', 'running', 'finished', 'failed')),
      author text not null,
      request jsonb not null,
      -- Names the edits of a simulation: a change may be applied on a simulation of exactly its own.
      edits_key text,
      result jsonb,
      -- Observations replayed, of how many.
      done bigint not null default 0,
      total bigint not null default 0,
      reason text,
      -- Whoever works on it; an attempt that has not touched it for a while has died.
      attempt uuid,
      attempts integer not null default 0,
      created_at timestamptz not null,
      touched_at timestamptz not null,
      finished_at timestamptz,
      primary key (tenant_id, id)
    ) with (fillfactor = 70);
    ${tenantTable('threshold_run')}
  `,
};
