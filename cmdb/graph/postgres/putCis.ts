import { newId } from '../../../platform/index.ts';
import { indexCis, type StoredCi } from '../../asking/search/indexCis.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import type { ChangeCounts, CiPut, GraphChanges } from '../assetGraph.ts';
import { plainArray, sparseArray, textArray } from './arrayText.ts';
import { SEEN_AGAIN_AFTER_SECONDS, seenArrays } from './seen.ts';
import type { ChangeSession } from './session.ts';
import { ciState } from './states.ts';

interface Told {
  created: number;
  changed: number;
  seen: number;
}

/**
 * Creates and changes CIs with their history in one statement; of what is as wanted it notes that it was seen. Those that
 * were written are found by their words from then on.
 */
export async function putCis(
  session: ChangeSession,
  cis: readonly CiPut[],
  attributes: GraphChanges['attributes'],
  model: CmdbModel,
): Promise<Omit<ChangeCounts, 'removed'>> {
  const { tx, version, origin } = session;
  const newIds = cis.map(newId);
  const { rows } = await tx.query<Told>(
    `with wanted as (
       select i.key, i.type, coalesce(i.name, c.name, i.key) as name, coalesce(i.status, c.status, 'active') as status,
              case when $9 and c.id is not null then c.attributes || i.attributes
                   else coalesce(i.defaults, '{}') || i.attributes end as attributes,
              coalesce(c.id, i.new_id) as id, c.id is null as is_new, i.place,
              case when c.id is not null then ${ciState('c')} end as before, c.sources,
              least(c.first_seen_at, coalesce(i.first_seen_at, i.last_seen_at, $14)) as first_seen_at,
              greatest(c.last_seen_at, coalesce(i.last_seen_at, $14)) as last_seen_at,
              c.first_seen_at as known_since, c.last_seen_at as known_until
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::uuid[], $15::timestamptz[],
                   $16::timestamptz[], $18::jsonb[]) with ordinality
              as i (key, type, name, status, attributes, new_id, first_seen_at, last_seen_at, defaults, place)
       left join cmdb_ci c on c.tenant_id = $1 and c.key = i.key),
     compared as (select *, ${ciState('wanted')} as after from wanted),
     changed as (select * from compared where is_new or before is distinct from after),
     created as (
       insert into cmdb_ci
         (tenant_id, id, key, type, name, status, attributes, version, first_seen_at, last_seen_at, sources,
          model_version)
       select $1, id, key, type, name, status, attributes, $8, first_seen_at, last_seen_at,
              jsonb_build_object('*', $13::text), $17
       from changed where is_new),
     rewritten as (
       update cmdb_ci i set type = c.type, name = c.name, status = c.status, attributes = c.attributes, version = $8,
         first_seen_at = c.first_seen_at, last_seen_at = c.last_seen_at,
         model_version = $17, sources = cmdb_sources_after(c.sources, c.before, c.after, $13)
       from changed c where not c.is_new and i.tenant_id = $1 and i.id = c.id),
     seen as (
       update cmdb_ci i set first_seen_at = c.first_seen_at, last_seen_at = c.last_seen_at, seen_version = $8
       from compared c
       where not c.is_new and c.before = c.after and i.tenant_id = $1 and i.id = c.id
         and (c.first_seen_at < c.known_since
           or c.last_seen_at >= c.known_until + make_interval(secs => ${SEEN_AGAIN_AFTER_SECONDS}))
       returning 1),
     logged as (
       insert into cmdb_change (tenant_id, version, seq, kind, ci_id, before, after, author, reason, source, at)
       select $1, $8, $10 + place, 'ci', id, before, after, $11, $12, $13, $14 from changed)
     select count(*) filter (where is_new)::int as created, count(*) filter (where not is_new)::int as changed,
            (select count(*)::int from seen) as seen
     from changed`,
    [
      tx.tenantId,
      textArray(cis.map((ci) => ci.key)),
      textArray(cis.map((ci) => ci.type)),
      textArray(cis.map((ci) => ci.name ?? null)),
      textArray(cis.map((ci) => ci.status ?? null)),
      textArray(cis.map((ci) => JSON.stringify(ci.attributes))),
      plainArray(newIds),
      version,
      attributes === 'merge',
      session.seq,
      origin.author,
      origin.reason ?? null,
      origin.source ?? null,
      session.at,
      ...seenArrays(cis),
      model.version,
      sparseArray(cis.map((ci) => defaultsOf(model, ci.type))),
    ],
  );
  const { seen, ...told } = rows[0]!;
  const touched = told.created + told.changed;
  if (touched > 0) session.seq += cis.length;
  session.seen += seen;
  if (touched > 0) {
    // What is all new need not be read back.
    const written =
      told.created === cis.length
        ? cis.map((ci, index) => asCreated(model, ci, newIds[index]!))
        : await writtenNow(session, cis);
    await indexCis(tx, model, written);
  }
  return { ...told, unchanged: cis.length - touched };
}

function asCreated(model: CmdbModel, ci: CiPut, id: string): StoredCi {
  const defaults = model.typeOf(ci.type)?.defaults;
  const attributes = defaults ? { ...defaults, ...ci.attributes } : ci.attributes;
  return { id, key: ci.key, type: ci.type, name: ci.name ?? ci.key, attributes };
}

/** Those of these CIs that this change created or changed, as they stand. */
async function writtenNow({ tx, version }: ChangeSession, cis: readonly CiPut[]): Promise<StoredCi[]> {
  const { rows } = await tx.query<StoredCi>(
    `select id, key, type, name, attributes from cmdb_ci
     where tenant_id = $1 and version = $2 and key = any($3::text[])`,
    [tx.tenantId, version, textArray(cis.map((ci) => ci.key))],
  );
  return rows;
}

function defaultsOf(model: CmdbModel, type: string): string | undefined {
  const defaults = model.typeOf(type)?.defaults ?? null;
  return defaults === null ? undefined : JSON.stringify(defaults);
}
