import type { Tx } from '../../platform/index.ts';

/** Somebody who is on call, with how to reach them. */
export interface OnCallPerson {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: 'zh-CN' | 'en';
}

/** Those of these ids that are persons of the CMDB now. */
export async function peopleById(tx: Tx, ids: Iterable<string>): Promise<ReadonlyMap<string, OnCallPerson>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const { rows } = await tx.query<OnCallPerson>(
    `select id as "ciId", key, name, nullif(attributes->>'email', '') as email,
            nullif(attributes->>'phone', '') as phone,
            case when lower(attributes->>'locale') like 'zh%' then 'zh-CN' else 'en' end as locale
     from cmdb_ci where tenant_id = $1 and id = any ($2::uuid[]) and type = 'person'`,
    [tx.tenantId, wanted],
  );
  return new Map(rows.map((person) => [person.ciId, person]));
}
