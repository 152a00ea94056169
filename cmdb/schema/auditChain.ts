import { type Migration, tenantTable } from '../../platform/index.ts';

/** Rows of the history that are hashed as one text. */
const ROWS_OF_A_PIECE = 512;
/** Tables that the links of earlier versions are made from. */
const READ_ONCE = ['cmdb_graph', 'cmdb_change', 'cmdb_model_version', 'cmdb_chain'] as const;

/**
 * One link per version of a graph: a hash over the link before it, over who changed what, why and when, and over the
 * version's rows of the history. A change of any of it, or a link taken out, breaks the chain there; whoever keeps the
 * newest hash elsewhere also sees a chain that was forged from some link on.
 *
 * The hashes are computed where the rows are, from jsonb's text: it has one form for equal values.
 */
export const auditChain: Migration = {
  id: 'cmdb/0012-audit-chain',
  sql: `
    create table cmdb_chain (
      tenant_id uuid not null,
      version bigint not null,
      at timestamptz not null,
      author text not null,
      reason text,
      source text,
      hash bytea not null,
      primary key (tenant_id, version)
    );
    create index cmdb_chain_by_time on cmdb_chain (tenant_id, at, version);
    ${tenantTable('cmdb_chain', { app: 'select, insert' })}

    -- A CI that was removed is found by the key that it had.
    create index cmdb_change_of_removed_key on cmdb_change (tenant_id, (before->>'key')) where kind = 'ci' and after is null;

    -- What a version did: its rows of the history in order, and its change of the model where it is one. Who, why and
    -- when stand on the link; a row tells them only where it says otherwise, for writing them out takes a third longer.
    create function cmdb_content_hash(of_tenant uuid, of_version bigint, link_at timestamptz, link_author text,
                                      link_reason text, link_source text) returns bytea
    language sql stable as $$
      select sha256(coalesce((
          select string_agg(piece, '' order by place)
          from (select seq / ${ROWS_OF_A_PIECE} as place,
                       sha256(convert_to(string_agg(
                         concat(seq, kind, ci_id, other_id, before, ' ', after,
                                case when (at, author, reason, source)
                                          is distinct from (link_at, link_author, link_reason, link_source)
                                     then jsonb_build_array(extract(epoch from at), author, reason, source) end),
                         E'\n' order by seq), 'UTF8')) as piece
                from cmdb_change where tenant_id = of_tenant and version = of_version
                group by 1) pieces), '')
        || coalesce((select convert_to(change::text, 'UTF8') from cmdb_model_version
                     where tenant_id = of_tenant and graph_version = of_version), ''))
    $$;

    -- A link: over the one before it, over what is written on it, and over what its version did.
    create function cmdb_link_hash(previous bytea, of_tenant uuid, of_version bigint, link_at timestamptz,
                                   link_author text, link_reason text, link_source text) returns bytea
    language sql stable as $$
      select sha256(coalesce(previous, '')
        || convert_to(jsonb_build_array(of_tenant, of_version, extract(epoch from link_at), link_author, link_reason,
                                        link_source)::text, 'UTF8')
        || cmdb_content_hash(of_tenant, of_version, link_at, link_author, link_reason, link_source))
    $$;

    -- Versions that stand already are linked as they are found.
    ${READ_ONCE.map((table) => `alter table ${table} no force row level security;`).join('\n')}
    do $$
    declare
      found record;
      last_tenant uuid;
      last_hash bytea;
    begin
      for found in
        select distinct on (tenant_id, version) *
        from (select tenant_id, version, at, author, reason, source from cmdb_change
              union all
              select tenant_id, graph_version, at, author, reason, 'model' from cmdb_model_version
              union all
              select tenant_id, version, now(), 'Faultline', null, null from cmdb_graph where version > 0) told
        order by tenant_id, version, at, source
      loop
        if last_tenant is distinct from found.tenant_id then last_hash := null; end if;
        last_tenant := found.tenant_id;
        last_hash := cmdb_link_hash(last_hash, found.tenant_id, found.version, found.at, found.author, found.reason,
                                    found.source);
        insert into cmdb_chain (tenant_id, version, at, author, reason, source, hash)
        values (found.tenant_id, found.version, found.at, found.author, found.reason, found.source, last_hash);
      end loop;
    end $$;
    ${READ_ONCE.map((table) => `alter table ${table} force row level security;`).join('\n')}
  `,
};
