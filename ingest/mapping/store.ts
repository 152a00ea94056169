import { newId, type Tx } from '../../platform/index.ts';
import type { MappingDefinition } from './definition.ts';
import { mappingErrors } from './errors.ts';

export interface MappingSummary {
  id: string;
  name: string;
  latestVersion: number;
  latestVersionId: string;
  createdAt: Date;
  createdBy: string;
}

export interface MappingVersion {
  id: string;
  mappingId: string;
  version: number;
  createdAt: Date;
  createdBy: string;
}

const SUMMARY = `
  select m.id, m.name, m.created_at as "createdAt", m.created_by as "createdBy",
         v.version as "latestVersion", v.id as "latestVersionId"
    from payload_mapping m
    join lateral (select id, version from payload_mapping_version
                   where tenant_id = m.tenant_id and mapping_id = m.id order by version desc limit 1) v on true`;
const VERSION = `select id, mapping_id as "mappingId", version, created_at as "createdAt", created_by as "createdBy"`;

export async function listMappings(
  tx: Tx,
  page: { limit: number; cursor?: string | undefined },
): Promise<MappingSummary[]> {
  const { rows } = await tx.query<MappingSummary>(
    `${SUMMARY} where m.tenant_id = current_tenant() and m.name > $1 order by m.name limit $2`,
    [page.cursor ?? '', page.limit],
  );
  return rows;
}

/** @throws MAPPING_UNKNOWN */
export async function getMapping(tx: Tx, id: string): Promise<MappingSummary> {
  const { rows } = await tx.query<MappingSummary>(`${SUMMARY} where m.tenant_id = current_tenant() and m.id = $1`, [
    id,
  ]);
  if (!rows[0]) throw mappingErrors.MAPPING_UNKNOWN({ mapping: id });
  return rows[0];
}

export async function listVersions(tx: Tx, mappingId: string): Promise<MappingVersion[]> {
  const { rows } = await tx.query<MappingVersion>(
    `${VERSION} from payload_mapping_version where mapping_id = $1 order by version desc limit 200`,
    [mappingId],
  );
  return rows;
}

/** @throws MAPPING_VERSION_UNKNOWN */
export async function getVersion(tx: Tx, id: string): Promise<MappingVersion & { definition: unknown }> {
  const { rows } = await tx.query<MappingVersion & { definition: unknown }>(
    `${VERSION}, definition from payload_mapping_version where id = $1`,
    [id],
  );
  if (!rows[0]) throw mappingErrors.MAPPING_VERSION_UNKNOWN({ version: id });
  return rows[0];
}

export interface NewVersion {
  definition: MappingDefinition;
  by: string;
  nowMs: number;
}

/** Saves a mapping with its first version. @throws MAPPING_EXISTS */
export async function createMapping(tx: Tx, name: string, version: NewVersion): Promise<MappingSummary> {
  const id = newId();
  const { rowCount } = await tx.query(
    `insert into payload_mapping (tenant_id, id, name, created_at, created_by) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, name) do nothing`,
    [tx.tenantId, id, name, new Date(version.nowMs), version.by],
  );
  if (rowCount === 0) throw mappingErrors.MAPPING_EXISTS({ name }, { field: 'name' });
  await addVersion(tx, id, version);
  return getMapping(tx, id);
}

/** Adds a version; those before it stay as they are. @throws MAPPING_UNKNOWN */
export async function addVersion(
  tx: Tx,
  mappingId: string,
  { definition, by, nowMs }: NewVersion,
): Promise<MappingVersion> {
  // Two at once would both become the same version.
  const locked = await tx.query('select 1 from payload_mapping where id = $1', [mappingId]);
  if (locked.rowCount === 0) throw mappingErrors.MAPPING_UNKNOWN({ mapping: mappingId });
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('mapping ' || $1, 0))`, [mappingId]);
  const { rows } = await tx.query<MappingVersion>(
    `insert into payload_mapping_version (tenant_id, id, mapping_id, version, definition, created_at, created_by)
     select $1, $2, $3, 1 + coalesce(max(version), 0), $4, $5, $6 from payload_mapping_version where mapping_id = $3
     returning id, mapping_id as "mappingId", version, created_at as "createdAt", created_by as "createdBy"`,
    [tx.tenantId, newId(), mappingId, JSON.stringify(definition), new Date(nowMs), by],
  );
  return rows[0]!;
}
