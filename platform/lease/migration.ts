import type { Migration } from '../db/migrate.ts';

/** Which process has which task that only one may have. No tenant's: tasks are of the installation. */
export const leaseMigration: Migration = {
  id: 'platform/0003-lease',
  sql: `
    create table lease (
      name text primary key check (char_length(name) between 1 and 128),
      holder text not null check (char_length(holder) between 1 and 256),
      until timestamptz not null
    );
    grant select, insert, update, delete on lease to faultline_relay;
  `,
};
