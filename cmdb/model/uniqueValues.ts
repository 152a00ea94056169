import type { Tx } from '../../platform/index.ts';
import type { CheckedCi, CmdbModel } from './cmdbModel.ts';
import { isMissing } from './problems.ts';

export interface StoredCi extends CheckedCi {
  readonly id: string;
}

/** A value that another CI has already. */
export interface Duplicate {
  readonly ci: StoredCi;
  readonly attribute: string;
  readonly value: string;
  /** Key of the CI that has it. */
  readonly other: string;
}

/**
 * Keeps the values of these CIs that must be unique in place of what they had; tells those that another CI holds.
 * O(values · log of all that are kept).
 */
export async function keepUniqueValues(tx: Tx, model: CmdbModel, cis: readonly StoredCi[]): Promise<Duplicate[]> {
  const values = cis.flatMap((ci) =>
    (model.typeOf(ci.type)?.unique ?? [])
      .filter(({ attribute }) => !isMissing(ci.attributes[attribute]))
      .map(({ attribute, among }) => ({ ci, attribute, among, value: String(ci.attributes[attribute]) })),
  );
  await tx.query('delete from cmdb_unique_value where tenant_id = $1 and ci_id = any($2::uuid[])', [
    tx.tenantId,
    cis.map((ci) => ci.id),
  ]);
  if (values.length === 0) return [];
  const columns = [
    values.map((one) => one.among),
    values.map((one) => one.attribute),
    values.map((one) => one.value),
    values.map((one) => one.ci.id),
  ];
  await tx.query(
    `insert into cmdb_unique_value (tenant_id, type, attribute, value, ci_id)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::uuid[]) on conflict do nothing`,
    [tx.tenantId, ...columns],
  );
  const { rows } = await tx.query<{ place: number; other: string }>(
    `select i.place::int, c.key as other
     from unnest($2::text[], $3::text[], $4::text[], $5::uuid[]) with ordinality as i (type, attribute, value, ci_id, place)
     join cmdb_unique_value v on v.tenant_id = $1 and v.type = i.type and v.attribute = i.attribute
       and v.value = i.value and v.ci_id <> i.ci_id
     join cmdb_ci c on c.tenant_id = $1 and c.id = v.ci_id
     order by i.place`,
    [tx.tenantId, ...columns],
  );
  return rows.map(({ place, other }) => {
    const { ci, attribute, value } = values[place - 1]!;
    return { ci, attribute, value, other };
  });
}
