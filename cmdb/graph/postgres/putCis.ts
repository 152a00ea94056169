import { newId } from '../../../platform/index.ts';
import type { ChangeCounts, CiPut, GraphChanges } from '../assetGraph.ts';
import { plainArray, textArray } from './arrayText.ts';
import type { ChangeSession } from './session.ts';

/** Creates and changes CIs with their history in one statement; leaves alone what is as wanted. */
export async function putCis(
  session: ChangeSession,
  cis: readonly CiPut[],
  attributes: GraphChanges['attributes'],
): Promise<Omit<ChangeCounts, 'removed'>> {
  const { tx, version, origin } = session;
  const { rows } = await tx.query<{ created: number; changed: number }>(
    `with wanted as (
       select i.key, i.type, coalesce(i.name, c.name, i.key) as name, coalesce(i.status, c.status, 'active') as status,
              case when $9 and c.id is not null then c.attributes || i.attributes else i.attributes end as attributes,
              coalesce(c.id, i.new_id) as id, c.id is null as is_new, i.place,
              case when c.id is not null then jsonb_build_object('key', c.key, 'type', c.type, 'name', c.name,
                'status', c.status, 'attributes', c.attributes) end as before
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::uuid[]) with ordinality
              as i (key, type, name, status, attributes, new_id, place)
       left join cmdb_ci c on c.tenant_id = $1 and c.key = i.key),
     compared as (
       select *, jsonb_build_object('key', key, 'type', type, 'name', name, 'status', status,
                                    'attributes', attributes) as after
       from wanted),
     changed as (select * from compared where is_new or before is distinct from after),
     created as (
       insert into cmdb_ci (tenant_id, id, key, type, name, status, attributes, version)
       select $1, id, key, type, name, status, attributes, $8 from changed where is_new),
     rewritten as (
       update cmdb_ci i set type = c.type, name = c.name, status = c.status, attributes = c.attributes, version = $8
       from changed c where not c.is_new and i.tenant_id = $1 and i.id = c.id),
     logged as (
       insert into cmdb_change (tenant_id, version, seq, kind, ci_id, before, after, author, reason, source, at)
       select $1, $8, $10 + place, 'ci', id, before, after, $11, $12, $13, $14 from changed)
     select count(*) filter (where is_new)::int as created, count(*) filter (where not is_new)::int as changed
     from changed`,
    [
      tx.tenantId,
      textArray(cis.map((ci) => ci.key)),
      textArray(cis.map((ci) => ci.type)),
      textArray(cis.map((ci) => ci.name ?? null)),
      textArray(cis.map((ci) => ci.status ?? null)),
      textArray(cis.map((ci) => JSON.stringify(ci.attributes))),
      plainArray(cis.map(newId)),
      version,
      attributes === 'merge',
      session.seq,
      origin.author,
      origin.reason ?? null,
      origin.source ?? null,
      session.at,
    ],
  );
  const told = rows[0]!;
  const touched = told.created + told.changed;
  if (touched > 0) session.seq += cis.length;
  return { ...told, unchanged: cis.length - touched };
}
