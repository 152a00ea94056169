import type { Migration, Sql } from '../../platform/index.ts';

/**
 * Marks each device with the transaction that last changed what it entitles to. Transactions, not times or numbers drawn
 * from a sequence, for those can become visible out of their order.
 */
export const deviceChangesMigration: Migration = {
  id: 'ingest/0210-device-changes',
  sql: `
    alter table device add column changed_by xid8 not null default '0';
    create index device_by_change on device (changed_by);
    create function note_device_change() returns trigger language plpgsql as $$
      begin
        new.changed_by := pg_current_xact_id();
        return new;
      end $$;
    create trigger note_device_change before update on device
      for each row when (new.version is distinct from old.version) execute function note_device_change();
  `,
};

export interface DeviceChanges {
  /** Where to go on: everything that commits from now on is in the next answer. */
  position: bigint;
  changed: { id: string; version: number }[];
}

/**
 * Devices changed since a position. Its cost depends on the number of changes, not of devices. While a long transaction
 * runs, changes are told more than once; none is missed.
 */
export async function devicesChangedSince(sql: Sql, position: bigint): Promise<DeviceChanges> {
  // The upper bound keeps out rows that were restored from another server, whose transactions had higher numbers.
  const { rows } = await sql.query<{ position: string; id: string | null; version: number | null }>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as position, d.id, d.version
       from (values (1)) one left join device d
         on d.changed_by >= $1::text::xid8 and d.changed_by < pg_snapshot_xmax(pg_current_snapshot())`,
    [position.toString()],
  );
  const changed = rows.flatMap(({ id, version }) => (id === null ? [] : [{ id, version: version! }]));
  return { position: BigInt(rows[0]!.position), changed };
}
