import type { Tx } from '../../platform/index.ts';
import { ticketingErrors } from '../errors.ts';

/** What dispatch knows of a technician, besides the account: name, address and language are the user's. */
export interface Profile {
  /** Skill → level from 1 to 5. */
  readonly skills: Record<string, number>;
  readonly maxLoad: number;
  /** Key of the line, building or site where they work. */
  readonly place: string | null;
  readonly phone: string | null;
  /** False while they are not to be sent: leave, illness, training. */
  readonly active: boolean;
}

export interface Technician extends Profile {
  readonly userId: string;
  readonly name: string;
  readonly email: string | null;
  readonly locale: string;
  readonly openOrders: number;
}

const SELECT = `
select t.user_id as "userId", u.name, u.email, u.locale, t.skills, t.max_load as "maxLoad", t.place, t.phone, t.active,
       t.open_orders as "openOrders"
  from technician t join user_account u on u.tenant_id = t.tenant_id and u.id = t.user_id`;

/** Profiles in the order of their users' ids. */
export async function listTechnicians(
  tx: Tx,
  page: { limit: number; cursor?: string | undefined },
): Promise<Technician[]> {
  const { rows } = await tx.query<Technician>(
    `${SELECT} where ($1::uuid is null or t.user_id > $1) order by t.user_id limit $2`,
    [page.cursor ?? null, page.limit],
  );
  return rows;
}

/** @throws TECHNICIAN_UNKNOWN */
export async function readTechnician(tx: Tx, userId: string): Promise<Technician> {
  const { rows } = await tx.query<Technician>(`${SELECT} where t.user_id = $1`, [userId]);
  if (!rows[0]) throw ticketingErrors.TECHNICIAN_UNKNOWN({ id: userId });
  return rows[0];
}

/** Writes the profile of a user with the role technician; the load is kept. @throws TECHNICIAN_ROLE */
export async function putTechnician(tx: Tx, userId: string, profile: Profile): Promise<Technician> {
  const { rowCount } = await tx.query(
    `insert into technician (tenant_id, user_id, skills, max_load, place, phone, active)
     select $1, u.id, $3, $4, $5, $6, $7 from user_account u
      where u.id = $2 and u.disabled_at is null
        and exists (select 1 from user_role r where r.user_id = u.id and r.role = 'technician')
     on conflict (tenant_id, user_id) do update set
       skills = excluded.skills, max_load = excluded.max_load, place = excluded.place,
       phone = excluded.phone, active = excluded.active`,
    [
      tx.tenantId,
      userId,
      JSON.stringify(profile.skills),
      profile.maxLoad,
      profile.place,
      profile.phone,
      profile.active,
    ],
  );
  if (rowCount === 0) throw ticketingErrors.TECHNICIAN_ROLE({ id: userId });
  return readTechnician(tx, userId);
}

/** @throws TECHNICIAN_UNKNOWN, TECHNICIAN_BUSY while they hold open orders */
export async function deleteTechnician(tx: Tx, userId: string): Promise<void> {
  await tx.query('select 1 from technician where user_id = $1 for update', [userId]);
  const { name, openOrders } = await readTechnician(tx, userId);
  if (openOrders > 0) throw ticketingErrors.TECHNICIAN_BUSY({ name, orders: openOrders });
  await tx.query('delete from technician where user_id = $1', [userId]);
}
