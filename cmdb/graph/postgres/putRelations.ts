import { newId } from '../../../platform/index.ts';
import { cmdbErrors } from '../../errors.ts';
import type { ChangeCounts, GraphChanges, RelationPut } from '../assetGraph.ts';
import { plainArray, sparseArray, textArray } from './arrayText.ts';
import { SEEN_AGAIN_AFTER_SECONDS, seenArrays } from './seen.ts';
import type { ChangeSession } from './session.ts';
import { relationState } from './states.ts';

interface Told {
  created: number;
  changed: number;
  seen: number;
  /** Place of the first relation one end of which is no CI. */
  broken: number | null;
  broken_end: 'from' | 'to' | null;
}

/**
 * Creates and changes relations with their history in one statement.
 * @param first place of the first relation in the whole change, for the error to name
 */
export async function putRelations(
  session: ChangeSession,
  relations: readonly RelationPut[],
  attributes: GraphChanges['attributes'],
  first: number,
): Promise<Omit<ChangeCounts, 'removed'>> {
  const { tx, version, origin } = session;
  const { rows } = await tx.query<Told>(
    `with ends as (
       select i.*, f.id as from_id, t.id as to_id
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::jsonb[], $8::uuid[], $16::text[],
                   $17::float8[], $18::timestamptz[], $19::timestamptz[], $20::float8[], $21::int[]) with ordinality
              as i (from_key, type, to_key, redundancy_group, min_up, attributes, new_id, source, confidence,
                    first_seen_at, last_seen_at, min_up_percent, weight, place)
       left join cmdb_ci f on f.tenant_id = $1 and f.key = i.from_key
       left join cmdb_ci t on t.tenant_id = $1 and t.key = i.to_key),
     wanted as (
       select e.from_id, e.to_id, e.type, e.redundancy_group, e.min_up, e.min_up_percent, e.weight, e.place,
              coalesce(e.source, $14) as source,
              case when $10 and r.id is not null then r.attributes || e.attributes else e.attributes end as attributes,
              coalesce(e.confidence, r.confidence, 1) as confidence,
              coalesce(r.id, e.new_id) as id, r.id is null as is_new,
              case when r.id is not null then ${relationState('r')} end as before,
              least(r.first_seen_at, coalesce(e.first_seen_at, e.last_seen_at, $15)) as first_seen_at,
              greatest(r.last_seen_at, coalesce(e.last_seen_at, $15)) as last_seen_at,
              r.first_seen_at as known_since, r.last_seen_at as known_until
       from ends e
       left join cmdb_relation r
         on r.tenant_id = $1 and r.from_id = e.from_id and r.type = e.type and r.to_id = e.to_id
       where e.from_id is not null and e.to_id is not null),
     compared as (select *, ${relationState('wanted')} as after from wanted),
     -- In the order of the indexes, whose pages are then written one after the other.
     changed as (
       select * from compared where is_new or before is distinct from after order by from_id, type, to_id),
     created as (
       insert into cmdb_relation
         (tenant_id, id, from_id, type, to_id, redundancy_group, min_up, min_up_percent, weight, attributes, version,
          source, confidence, first_seen_at, last_seen_at)
       select $1, id, from_id, type, to_id, redundancy_group, min_up, min_up_percent, weight, attributes, $9, source,
              confidence, first_seen_at, last_seen_at
       from changed where is_new),
     rewritten as (
       update cmdb_relation r set redundancy_group = c.redundancy_group, min_up = c.min_up,
         min_up_percent = c.min_up_percent, weight = c.weight, attributes = c.attributes, version = $9,
         source = c.source, confidence = c.confidence, first_seen_at = c.first_seen_at, last_seen_at = c.last_seen_at
       from changed c
       where not c.is_new and r.tenant_id = $1 and r.from_id = c.from_id and r.type = c.type and r.to_id = c.to_id),
     seen as (
       update cmdb_relation r set first_seen_at = c.first_seen_at, last_seen_at = c.last_seen_at, seen_version = $9
       from compared c
       where not c.is_new and c.before = c.after
         and r.tenant_id = $1 and r.from_id = c.from_id and r.type = c.type and r.to_id = c.to_id
         and (c.first_seen_at < c.known_since
           or c.last_seen_at >= c.known_until + make_interval(secs => ${SEEN_AGAIN_AFTER_SECONDS}))
       returning 1),
     logged as (
       insert into cmdb_change (tenant_id, version, seq, kind, ci_id, other_id, before, after, author, reason, source, at)
       select $1, $9, $11 + place, 'relation', from_id, to_id, before, after, $12, $13, source, $15 from changed),
     broken as (
       select place::int, case when from_id is null then 'from' else 'to' end as broken_end
       from ends where from_id is null or to_id is null order by place limit 1)
     select count(*) filter (where is_new)::int as created, count(*) filter (where not is_new)::int as changed,
            (select count(*)::int from seen) as seen, (select place from broken) as broken,
            (select broken_end from broken) as broken_end
     from changed`,
    [
      tx.tenantId,
      textArray(relations.map((relation) => relation.from)),
      textArray(relations.map((relation) => relation.type)),
      textArray(relations.map((relation) => relation.to)),
      textArray(relations.map((relation) => relation.group)),
      plainArray(relations.map((relation) => relation.minUp)),
      textArray(relations.map((relation) => JSON.stringify(relation.attributes))),
      plainArray(relations.map(newId)),
      version,
      attributes === 'merge',
      session.seq,
      origin.author,
      origin.reason ?? null,
      origin.source ?? null,
      session.at,
      sparseArray(relations.map((relation) => relation.source)),
      sparseArray(relations.map((relation) => relation.confidence?.toString())),
      ...seenArrays(relations),
      sparseArray(relations.map((relation) => relation.minUpPercent?.toString())),
      sparseArray(relations.map((relation) => relation.weight?.toString())),
    ],
  );
  const { broken, broken_end: end, seen, ...told } = rows[0]!;
  if (broken !== null && end !== null) {
    const key = relations[broken - 1]![end];
    throw cmdbErrors.CMDB_RELATION_END_UNKNOWN(
      { end, key },
      { field: end, detail: { place: first + broken - 1, end } },
    );
  }
  const touched = told.created + told.changed;
  if (touched > 0) session.seq += relations.length;
  session.seen += seen;
  return { ...told, unchanged: relations.length - touched };
}
