import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../platform/index.ts';
import type { CiPut } from '../graph/assetGraph.ts';
import { textArray } from '../graph/postgres/arrayText.ts';

/** Which source counts most for an attribute, best first; `*` stands for every type or attribute. */
export interface AuthorityRule {
  readonly ciType: string;
  /** An attribute, or `.name`, `.status`, `.type`. */
  readonly attribute: string;
  readonly sources: string[];
}

/** A value that a source told and that a better one keeps out. */
export interface Proposal {
  readonly key: string;
  readonly type: string;
  readonly field: string;
  readonly value: unknown;
  /** The value that stays, and who told it. */
  readonly kept: unknown;
  readonly heldBy: string;
}

export async function listAuthority(tx: Tx): Promise<AuthorityRule[]> {
  const { rows } = await tx.query<AuthorityRule>(
    'select ci_type as "ciType", attribute, sources from cmdb_authority where tenant_id = $1 order by 1, 2',
    [tx.tenantId],
  );
  return rows;
}

/** Sets the order of sources for an attribute; an empty order takes the rule back. */
export async function putAuthority(tx: Tx, { ciType, attribute, sources }: AuthorityRule): Promise<void> {
  const of = [tx.tenantId, ciType, attribute];
  await tx.query('delete from cmdb_authority where tenant_id = $1 and ci_type = $2 and attribute = $3', of);
  if (sources.length === 0) return;
  await tx.query('insert into cmdb_authority (tenant_id, ci_type, attribute, sources) values ($1, $2, $3, $4)', [
    ...of,
    sources,
  ]);
}

interface Present {
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  readonly attributes: Record<string, unknown>;
  /** Who told each field; `*` for those not named. */
  readonly sources: Record<string, string | null>;
}

/**
 * Takes out of a change what its source may not overwrite. A source that no rule ranks is below all that are ranked;
 * where no rule speaks, the last who tells counts.
 */
export async function withoutOverruled(
  tx: Tx,
  cis: readonly CiPut[],
  source: string,
): Promise<{ cis: CiPut[]; proposals: Proposal[] }> {
  const rules = await listAuthority(tx);
  if (rules.length === 0) return { cis: [...cis], proposals: [] };
  const present = await presentCis(tx, cis);
  const rankOf = ranking(rules);
  const proposals: Proposal[] = [];
  const kept = cis.map((ci) => {
    const before = present.get(ci.key);
    if (before === undefined) return ci;
    const overruled = (field: string, told: unknown, stands: unknown): boolean => {
      if (told === undefined || stands === undefined || isDeepStrictEqual(told, stands)) return false;
      const heldBy = before.sources[field] ?? before.sources['*'] ?? '';
      if (rankOf(before.type, field, heldBy) >= rankOf(before.type, field, source)) return false;
      proposals.push({ key: ci.key, type: before.type, field, value: told, kept: stands, heldBy });
      return true;
    };
    const { name, status, ...rest } = ci;
    const attributes = Object.entries(ci.attributes).filter(
      ([attribute, value]) => !overruled(attribute, value, before.attributes[attribute]),
    );
    return {
      ...rest,
      type: overruled('.type', ci.type, before.type) ? before.type : ci.type,
      ...(name === undefined || overruled('.name', name, before.name) ? {} : { name }),
      ...(status === undefined || overruled('.status', status, before.status) ? {} : { status }),
      attributes: Object.fromEntries(attributes),
    };
  });
  return { cis: kept, proposals };
}

/** How far down a source stands for a field, by the rule that speaks of it most closely; 0 where none does. */
function ranking(rules: readonly AuthorityRule[]): (type: string, field: string, source: string) => number {
  const byPlace = new Map(rules.map((rule) => [`${rule.ciType}\n${rule.attribute}`, rule.sources]));
  return (type, field, source) => {
    const places = [`${type}\n${field}`, `*\n${field}`, `${type}\n*`, '*\n*'];
    const sources = places.map((place) => byPlace.get(place)).find((one) => one !== undefined);
    if (sources === undefined) return 0;
    const at = sources.indexOf(source);
    return at < 0 ? sources.length : at;
  };
}

async function presentCis(tx: Tx, cis: readonly CiPut[]): Promise<Map<string, Present>> {
  const { rows } = await tx.query<Present>(
    `select key, type, name, status, attributes, sources from cmdb_ci where tenant_id = $1 and key = any ($2::text[])`,
    [tx.tenantId, textArray(cis.map(({ key }) => key))],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/** Keeps what was not taken, in place of what the source proposed before for the same CIs. */
export async function recordProposals(
  tx: Tx,
  source: string,
  keys: readonly string[],
  proposals: readonly Proposal[],
  at: Date,
): Promise<void> {
  await tx.query(
    `delete from cmdb_proposal p using cmdb_ci c
     where p.tenant_id = $1 and p.source = $2 and c.tenant_id = $1 and c.id = p.ci_id and c.key = any ($3::text[])`,
    [tx.tenantId, source, textArray(keys)],
  );
  if (proposals.length === 0) return;
  await tx.query(
    `insert into cmdb_proposal (tenant_id, ci_id, field, source, value, held_by, proposed_at)
     select $1, c.id, i.field, $2, i.value, i.held_by, $7
     from unnest($3::text[], $4::text[], $5::jsonb[], $6::text[]) as i (key, field, value, held_by)
     join cmdb_ci c on c.tenant_id = $1 and c.key = i.key`,
    [
      tx.tenantId,
      source,
      proposals.map(({ key }) => key),
      proposals.map(({ field }) => field),
      textArray(proposals.map(({ value }) => JSON.stringify(value))),
      proposals.map(({ heldBy }) => heldBy),
      at,
    ],
  );
}
