import type { Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { CmdbModel } from './cmdbModel.ts';
import {
  type CiTypeDefinition,
  ciTypeDefinition,
  type ModelChange,
  type ModelDefinition,
  type RelationTypeDefinition,
  relationTypeDefinition,
} from './definitions.ts';
import { STARTING_MODEL } from './startingModel.ts';

/** One change of a tenant's model. */
export interface ModelVersion {
  readonly version: number;
  /** Version of the graph that it came with. */
  readonly graphVersion: bigint;
  readonly author: string;
  readonly reason: string;
  readonly at: Date;
  readonly change: ModelChange;
}

/** The tenant's model as it stands; one query for a tenant that never changed it. */
export async function currentModel(tx: Tx): Promise<CmdbModel> {
  return modelAt(tx, await newestVersion(tx));
}

async function newestVersion(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ model_version: number }>(
    'select model_version from cmdb_graph where tenant_id = $1',
    [tx.tenantId],
  );
  return rows[0]?.model_version ?? 0;
}

/** The tenant's model in one of its versions. O(types). */
export async function modelAt(tx: Tx, version: number): Promise<CmdbModel> {
  if (version === 0) return STARTING_MODEL;
  const { rows } = await tx.query<{ kind: 'ci' | 'relation'; name: string; definition: unknown }>(
    `select kind, name, definition from cmdb_model_type
     where tenant_id = $1 and since <= $2 and (until is null or until > $2) and definition is not null
     order by kind, since, name`,
    [tx.tenantId, version],
  );
  const own = { ci: new Map<string, CiTypeDefinition>(), relation: new Map<string, RelationTypeDefinition>() };
  for (const { kind, name, definition } of rows) {
    if (kind === 'ci') own.ci.set(name, ciTypeDefinition.parse(definition));
    else own.relation.set(name, relationTypeDefinition.parse(definition));
  }
  return new CmdbModel(version, over(STARTING_MODEL.definition, own));
}

/** Definitions over those of a model: each in the place of the one it replaces, new ones at the end. */
export function over(
  under: ModelDefinition,
  own: { ci: ReadonlyMap<string, CiTypeDefinition>; relation: ReadonlyMap<string, RelationTypeDefinition> },
): ModelDefinition {
  return { ciTypes: replaced(under.ciTypes, own.ci), relationTypes: replaced(under.relationTypes, own.relation) };
}

function replaced<T extends { name: string }>(under: readonly T[], own: ReadonlyMap<string, T>): T[] {
  const known = new Set(under.map((one) => one.name));
  return [...under.map((one) => own.get(one.name) ?? one), ...[...own.values()].filter((one) => !known.has(one.name))];
}

/** @throws {FaultlineError} CMDB_MODEL_VERSION_UNKNOWN */
export async function requireModelAt(tx: Tx, version: number): Promise<CmdbModel> {
  const newest = await newestVersion(tx);
  if (version > newest) throw cmdbErrors.CMDB_MODEL_VERSION_UNKNOWN({ version, newest });
  return modelAt(tx, version);
}

/** Changes of the model, newest first. */
export async function modelVersions(
  tx: Tx,
  page: { before?: number | undefined; limit: number },
): Promise<ModelVersion[]> {
  const { rows } = await tx.query<ModelVersion>(
    `select version, graph_version as "graphVersion", author, reason, at, change from cmdb_model_version
     where tenant_id = $1 and ($2::int is null or version < $2) order by version desc limit $3`,
    [tx.tenantId, page.before ?? null, page.limit],
  );
  return rows;
}

/** Keeps what a change makes of the types it names, from one version of the model on. */
export async function keepTypes(tx: Tx, version: number, change: ModelChange): Promise<void> {
  const rows = [
    ...change.ciTypes.map((type) => ['ci', type.name, JSON.stringify(type)] as const),
    ...change.removeCiTypes.map((name) => ['ci', name, null] as const),
    ...change.relationTypes.map((type) => ['relation', type.name, JSON.stringify(type)] as const),
    ...change.removeRelationTypes.map((name) => ['relation', name, null] as const),
  ];
  const columns = [rows.map((row) => row[0]), rows.map((row) => row[1])];
  await tx.query(
    `update cmdb_model_type t set until = $2 from unnest($3::text[], $4::text[]) as i (kind, name)
     where t.tenant_id = $1 and t.kind = i.kind and t.name = i.name and t.until is null`,
    [tx.tenantId, version, ...columns],
  );
  await tx.query(
    `insert into cmdb_model_type (tenant_id, kind, name, since, definition)
     select $1, kind, name, $2, definition from unnest($3::text[], $4::text[], $5::jsonb[]) as i (kind, name, definition)`,
    [tx.tenantId, version, ...columns, rows.map((row) => row[2])],
  );
}
