import type { Sql, Tx } from '../../../platform/index.ts';
import type { ModelContract } from '../contract.ts';
import { shippedModels } from '../shipped.ts';
import type { ValidationReport } from '../validation/report.ts';

export const ORIGINS = ['shipped', 'uploaded', 'fitted'] as const;

/** A model of a tenant's registry, without its bytes. */
export interface RegisteredModel {
  readonly id: string;
  readonly origin: (typeof ORIGINS)[number];
  readonly contract: ModelContract;
  /** null of what comes with the product: our own tests validate that. */
  readonly report: ValidationReport | null;
  readonly createdAt: Date | null;
  readonly createdBy: string | null;
}

/** Versions that one tenant may keep: each is a file of up to 16 MiB. */
export const MAX_MODELS = 1000;

const COLUMNS = `id, origin, contract, report, created_at as "createdAt", created_by as "createdBy"`;

/** Writes a model; says whether the version was new. */
export async function insertModel(
  tx: Tx,
  model: RegisteredModel & { origin: 'uploaded' | 'fitted' },
  data: Uint8Array,
): Promise<boolean> {
  const { id, origin, contract, report, createdAt, createdBy } = model;
  const { rowCount } = await tx.query(
    `insert into analytics_model (tenant_id, id, name, version, origin, contract, report, data, bytes, created_at, created_by)
     values (current_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, name, version) do nothing`,
    [
      id,
      contract.name,
      contract.version,
      origin,
      JSON.stringify(contract),
      JSON.stringify(report),
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      data.byteLength,
      createdAt,
      createdBy,
    ],
  );
  return rowCount === 1;
}

export async function isVersionTaken(tx: Sql, name: string, version: string): Promise<boolean> {
  const { rows } = await tx.query(
    'select 1 from analytics_model where tenant_id = current_tenant() and name = $1 and version = $2',
    [name, version],
  );
  return rows.length > 0;
}

export async function countModels(tx: Sql): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from analytics_model where tenant_id = current_tenant()',
  );
  return rows[0]!.n;
}

/** All models of the transaction's tenant: those of the product first, then its own, newest first. */
export async function listModels(tx: Sql): Promise<RegisteredModel[]> {
  const { rows } = await tx.query<RegisteredModel>(
    `select ${COLUMNS} from analytics_model where tenant_id = current_tenant() order by id desc`,
  );
  return [...(await shipped()), ...rows];
}

/** The contracts of some models, by id. */
export async function readContracts(tx: Sql, ids: readonly string[]): Promise<Map<string, ModelContract>> {
  const known = new Map((await shipped()).map(({ id, contract }) => [id, contract]));
  const own = ids.filter((id) => !known.has(id));
  if (own.length > 0) {
    const { rows } = await tx.query<{ id: string; contract: ModelContract }>(
      'select id, contract from analytics_model where tenant_id = current_tenant() and id = any($1::uuid[])',
      [own],
    );
    for (const { id, contract } of rows) known.set(id, contract);
  }
  return known;
}

export async function readModel(tx: Sql, id: string): Promise<RegisteredModel | null> {
  const found = (await shipped()).find((model) => model.id === id);
  if (found) return found;
  const { rows } = await tx.query<RegisteredModel>(
    `select ${COLUMNS} from analytics_model where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** The file of a model; null when the registry has none of this id. */
export async function readModelData(tx: Sql, id: string): Promise<Uint8Array | null> {
  const found = (await shippedModels()).find((model) => model.id === id);
  if (found) return found.data();
  const { rows } = await tx.query<{ data: Buffer }>(
    'select data from analytics_model where tenant_id = current_tenant() and id = $1',
    [id],
  );
  return rows[0]?.data ?? null;
}

async function shipped(): Promise<RegisteredModel[]> {
  return (await shippedModels()).map(({ id, contract }) => ({
    ...{ id, contract, origin: 'shipped' },
    ...{ report: null, createdAt: null, createdBy: null },
  }));
}
