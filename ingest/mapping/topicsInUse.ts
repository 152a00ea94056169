import type { Sql } from '../../platform/index.ts';
import { parseTopicRule, type TopicRule } from './topicRule.ts';

/** A topic of a mapping that a device type uses. */
export interface TopicInUse {
  tenantSlug: string;
  /** Key of the type. */
  type: string;
  text: string;
  rule: TopicRule;
  /** Its first level is the slug of another tenant. */
  isAnothers: boolean;
}

/** Topics of the mappings of all types that have devices, of every tenant, in a fixed order; through the role `auth`. */
export async function topicsInUse(sql: Sql): Promise<TopicInUse[]> {
  const { rows } = await sql.query<{ slug: string; type: string; topic: string; anothers: boolean }>(
    `select distinct n.slug, t.key as type, topics.topic,
            exists (select from tenant o where o.slug = split_part(topics.topic, '/', 1) and o.id <> n.id) as anothers
       from device_type t
       join payload_mapping_version v on v.tenant_id = t.tenant_id and v.id = t.mapping_version_id
       join tenant n on n.id = t.tenant_id
       cross join lateral jsonb_array_elements_text(coalesce(v.definition->'topics', '[]')) as topics (topic)
      where exists (select from device d where d.tenant_id = t.tenant_id and d.type_id = t.id and d.revoked_at is null)
      order by 1, 2, 3`,
  );
  return rows.flatMap(({ slug, type, topic, anothers }) => {
    const rule = parseTopicRule(topic);
    return typeof rule === 'string' ? [] : [{ tenantSlug: slug, type, text: topic, rule, isAnothers: anothers }];
  });
}

/** Topics of every version that was ever saved: versions are never removed. */
export async function topicsEver(sql: Sql): Promise<TopicRule[]> {
  const { rows } = await sql.query<{ topic: string }>(
    `select distinct topics.topic from payload_mapping_version v
       cross join lateral jsonb_array_elements_text(coalesce(v.definition->'topics', '[]')) as topics (topic)`,
  );
  return rows.map(({ topic }) => parseTopicRule(topic)).filter((rule) => typeof rule !== 'string');
}

/** The rule as an MQTT filter (§4.7): what it names in braces may be anything there. */
export function filterOf({ levels }: TopicRule): string {
  return levels.map((level) => (level.startsWith('{') ? '+' : level)).join('/');
}
