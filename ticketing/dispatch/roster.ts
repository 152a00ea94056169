import type { Tx } from '../../platform/index.ts';
import type { Candidate } from './score.ts';

interface Row {
  userId: string;
  name: string;
  email: string | null;
  phone: string | null;
  locale: string;
  skills: Record<string, number>;
  place: string | null;
  maxLoad: number;
  active: boolean;
  load: number;
}

/**
 * Everybody who could be sent, read fresh and locked until the transaction ends: two transactions that deal out orders
 * at once would otherwise both see the last free place of the same technician. Ordered by id, against deadlocks.
 */
export function lockRoster(tx: Tx): Promise<Candidate[]> {
  return roster(tx, 'for no key update of t');
}

/** The same without locks, for a batch that claims the places it has given at its end: see `claimLoads`. */
export function readRoster(tx: Tx): Promise<Candidate[]> {
  return roster(tx, '');
}

async function roster(tx: Tx, locking: string): Promise<Candidate[]> {
  const { rows } = await tx.query<Row>(
    `select t.user_id as "userId", u.name, u.email, t.phone, u.locale, t.skills, t.place, t.max_load as "maxLoad",
            t.open_orders as load,
            t.active and u.disabled_at is null and exists (
              select 1 from user_role r
               where r.tenant_id = t.tenant_id and r.user_id = t.user_id and r.role = 'technician') as active
       from technician t join user_account u on u.tenant_id = t.tenant_id and u.id = t.user_id
      order by t.user_id ${locking}`,
  );
  return rows.map((row) => ({
    ...row,
    skills: new Map(Object.entries(row.skills)),
    locale: row.locale === 'zh-CN' ? 'zh-CN' : 'en',
  }));
}

/** Changes the number of open orders of technicians, in the order of their ids. */
export async function addLoads(tx: Tx, changes: ReadonlyMap<string, number>): Promise<void> {
  const moved = [...changes].filter(([, by]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (moved.length === 0) return;
  await tx.query(
    `with change as (
       select t.user_id, c.by from technician t
         join unnest($1::uuid[], $2::integer[]) as c (user_id, by) on c.user_id = t.user_id
        order by t.user_id for no key update of t)
     update technician t set open_orders = t.open_orders + change.by from change where t.user_id = change.user_id`,
    [moved.map(([id]) => id), moved.map(([, by]) => by)],
  );
}

/** PostgreSQL's code for "run the same transaction again": what the database does with it is what is wanted here. */
const SERIALIZATION_FAILURE = '40001';

/**
 * Takes places that were dealt out from an unlocked roster, as the last statement before the commit, so that batches
 * wait for one another only for that moment. Where another batch took the last place first, the transaction runs again
 * and sees the load as it is now.
 */
export async function claimLoads(tx: Tx, places: ReadonlyMap<string, number>): Promise<void> {
  if (places.size === 0) return;
  const claims = [...places];
  const { rowCount } = await tx.query(
    `with claim as (
       select t.user_id, c.by from technician t
         join unnest($1::uuid[], $2::integer[]) as c (user_id, by) on c.user_id = t.user_id
        order by t.user_id for no key update of t)
     update technician t set open_orders = t.open_orders + claim.by from claim
      where t.user_id = claim.user_id and t.open_orders + claim.by <= t.max_load`,
    [claims.map(([id]) => id), claims.map(([, by]) => by)],
  );
  if (rowCount === claims.length) return;
  throw Object.assign(new Error('another batch has taken the place of a technician'), { code: SERIALIZATION_FAILURE });
}
