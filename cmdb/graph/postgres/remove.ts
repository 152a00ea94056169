import type { RelationEnds } from '../assetGraph.ts';
import type { ChangeSession } from './session.ts';
import { ciState, relationState } from './states.ts';

const LOG_RELATIONS = `insert into cmdb_change
    (tenant_id, version, seq, kind, ci_id, other_id, before, after, author, reason, source, at)
  select $1, $2, $3 + row_number() over (), 'relation', from_id, to_id, ${relationState('gone')}, null, $4, $5, $6, $7 from gone`;

/** Removes relations by their ends and type, with history; returns how many there were. */
export async function removeRelations(session: ChangeSession, ends: readonly RelationEnds[]): Promise<number> {
  return run(
    session,
    `with gone as (
       delete from cmdb_relation r using unnest($8::text[], $9::text[], $10::text[]) as i (from_key, type, to_key),
         cmdb_ci f, cmdb_ci t
       where f.tenant_id = $1 and f.key = i.from_key and t.tenant_id = $1 and t.key = i.to_key
         and r.tenant_id = $1 and r.from_id = f.id and r.type = i.type and r.to_id = t.id
       returning r.*)
     ${LOG_RELATIONS}`,
    [ends.map((one) => one.from), ends.map((one) => one.type), ends.map((one) => one.to)],
  );
}

/** Removes CIs by key after their relations, with the history of both. */
export async function removeCis(
  session: ChangeSession,
  keys: readonly string[],
): Promise<{ cis: number; relations: number }> {
  const relations = await run(
    session,
    `with gone as (
       delete from cmdb_relation r using cmdb_ci c
       where c.tenant_id = $1 and c.key = any ($8::text[]) and r.tenant_id = $1 and c.id in (r.from_id, r.to_id)
       returning r.*)
     ${LOG_RELATIONS}`,
    [keys],
  );
  const cis = await run(
    session,
    `with gone as (delete from cmdb_ci where tenant_id = $1 and key = any ($8::text[]) returning *),
     unfindable as (delete from cmdb_search s using gone where s.tenant_id = $1 and s.ci_id = gone.id)
     insert into cmdb_change (tenant_id, version, seq, kind, ci_id, before, after, author, reason, source, at)
     select $1, $2, $3 + row_number() over (), 'ci', id, ${ciState('gone')}, null, $4, $5, $6, $7 from gone`,
    [keys],
  );
  return { cis, relations };
}

async function run(session: ChangeSession, text: string, more: readonly unknown[]): Promise<number> {
  const { tx, version, origin } = session;
  const given = [tx.tenantId, version, session.seq, origin.author, origin.reason ?? null, origin.source ?? null];
  const { rowCount } = await tx.query(text, [...given, session.at, ...more]);
  session.seq += rowCount ?? 0;
  return rowCount ?? 0;
}
