import type { Tx } from '../../platform/index.ts';

/** What became of a CI or relation between two versions. */
export interface Difference {
  readonly kind: 'ci' | 'relation';
  /** The CI, or the relation's `from`. */
  readonly ciId: string;
  readonly otherId: string | null;
  /** Type of the relation; null of a CI. */
  readonly relationType: string | null;
  readonly before: State | null;
  readonly after: State | null;
}

type State = Readonly<Record<string, unknown>>;

/** Where a page of differences ends. */
export interface DiffPlace {
  readonly kind: 'ci' | 'relation';
  readonly ciId: string;
  readonly otherId: string | null;
  readonly relationType: string | null;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * What differs between two versions, each CI and relation once whatever it went through; CIs come first. What was
 * created and removed in between differs in nothing.
 *
 * @param from exclusive: what stood there
 * @param to not before `from`
 * @remarks O(changes between them) for every page
 */
export async function diff(
  tx: Tx,
  from: bigint,
  to: bigint,
  page: { after?: DiffPlace | undefined; limit: number },
): Promise<Difference[]> {
  const { after } = page;
  const { rows } = await tx.query<Difference>(
    `select kind, ci_id as "ciId", nullif(other_id, '${NOBODY}') as "otherId", nullif(type, '') as "relationType",
            first_before as before, last_after as after
     from (select kind, ci_id, coalesce(other_id, '${NOBODY}') as other_id,
                  case when kind = 'relation' then coalesce(after, before)->>'type' else '' end as type,
                  (array_agg(before order by version, seq))[1] as first_before,
                  (array_agg(after order by version desc, seq desc))[1] as last_after
           from cmdb_change where tenant_id = $1 and version > $2 and version <= $3
           group by 1, 2, 3, 4) changed
     where first_before is distinct from last_after
       and ($4::text is null or (kind, ci_id, other_id, type) > ($4, $5::uuid, $6::uuid, $7))
     order by kind, ci_id, other_id, type limit $8`,
    [
      tx.tenantId,
      from,
      to,
      after?.kind ?? null,
      after?.ciId ?? null,
      after?.otherId ?? NOBODY,
      after?.relationType ?? '',
      page.limit,
    ],
  );
  return rows;
}

/** One field that differs; an attribute's is `attributes.<name>`. */
export interface FieldDifference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields in which two states differ, attributes one by one. */
export function fieldDifferences(before: State, after: State): FieldDifference[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((field) => !same(was.get(field), is.get(field)))
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }));
}

function flat(state: State): Map<string, unknown> {
  const { attributes = {}, ...own } = state as { attributes?: State };
  const told = Object.entries(attributes).map(([name, value]) => [`attributes.${name}`, value] as const);
  return new Map([...Object.entries(own), ...told]);
}

/** Equal as JSON; names of objects come in one order from the database. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Keys of CIs, there or gone, by id. One look into the index of each that is gone. */
export async function keysOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ id: string; key: string | null }>(
    `select i.id, coalesce(c.key, (select h.before->>'key' from cmdb_change h
                                   where h.tenant_id = $1 and h.ci_id = i.id and h.kind = 'ci' and h.after is null
                                   order by h.version desc limit 1)) as key
     from unnest($2::uuid[]) as i (id) left join cmdb_ci c on c.tenant_id = $1 and c.id = i.id`,
    [tx.tenantId, [...new Set(ids)]],
  );
  return new Map(rows.flatMap(({ id, key }) => (key === null ? [] : [[id, key]])));
}
