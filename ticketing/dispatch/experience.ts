import type { Tx } from '../../platform/index.ts';

/** How often a technician has fixed the like. */
export type Experience = (userId: string, fault: string, assetId: string | null) => { fault: number; asset: number };

/** Loads the repairs of these faults and on these assets, for any number of orders in one query. */
export async function loadExperience(
  tx: Tx,
  faults: readonly string[],
  assetIds: readonly string[],
): Promise<Experience> {
  const { rows } = await tx.query<{ userId: string; kind: 'fault' | 'asset'; subject: string; repairs: number }>(
    `select user_id as "userId", kind, subject, repairs from technician_experience
      where (kind = 'fault' and subject = any($1::text[])) or (kind = 'asset' and subject = any($2::text[]))`,
    [[...new Set(faults)], [...new Set(assetIds)]],
  );
  // By subject first: most have nobody, and this is asked for every candidate of every order.
  const repairs = { fault: new Map<string, Map<string, number>>(), asset: new Map<string, Map<string, number>>() };
  for (const { userId, kind, subject, repairs: done } of rows) {
    const ofSubject = repairs[kind].get(subject) ?? new Map<string, number>();
    repairs[kind].set(subject, ofSubject.set(userId, done));
  }
  return (userId, fault, assetId) => ({
    fault: repairs.fault.get(fault)?.get(userId) ?? 0,
    asset: assetId === null ? 0 : (repairs.asset.get(assetId)?.get(userId) ?? 0),
  });
}

/** Counts one repair for the technician who did it. */
export async function addExperience(tx: Tx, userId: string, fault: string, assetId: string | null): Promise<void> {
  await tx.query(
    `insert into technician_experience as e (tenant_id, user_id, kind, subject, repairs)
     select $1, $2, s.kind, s.subject, 1
       from (values ('fault', $3::text), ('asset', $4::text)) as s (kind, subject) where s.subject is not null
     on conflict (tenant_id, kind, subject, user_id) do update set repairs = e.repairs + 1`,
    [tx.tenantId, userId, fault, assetId],
  );
}
