import { newId, type Sql, type Tx } from '../../../platform/index.ts';
import { shippedModels } from '../shipped.ts';
import type { Placement, ScopeKind, Stage } from './stages.ts';

const COLUMNS = 'model_id as "modelId", scope_kind as kind, scope_key as key, stage, since';

export interface DatedPlacement extends Placement {
  /** null: as the product ships it. */
  readonly since: Date | null;
}

/** Every stage that is set in the transaction's tenant, and those that models of the product have by themselves. */
export async function readPlacements(tx: Sql): Promise<DatedPlacement[]> {
  const { rows } = await tx.query<DatedPlacement>(
    `select ${COLUMNS} from analytics_model_stage where tenant_id = current_tenant() order by since, model_id`,
  );
  return withShipped(rows);
}

/** The stages that can concern some points. */
export async function placementsFor(
  tx: Sql,
  of: { points: readonly string[]; machines: readonly string[]; classes: readonly string[] },
): Promise<DatedPlacement[]> {
  const { rows } = await tx.query<DatedPlacement>(
    `select ${COLUMNS} from analytics_model_stage where tenant_id = current_tenant() and (scope_kind = 'all'
       or scope_kind = 'point' and scope_key = any($1::text[]) or scope_kind = 'machine' and scope_key = any($2::text[])
       or scope_kind = 'class' and scope_key = any($3::text[]))`,
    [of.points, of.machines, of.classes],
  );
  return withShipped(rows);
}

async function withShipped(rows: DatedPlacement[]): Promise<DatedPlacement[]> {
  const said = new Set(rows.filter(({ kind }) => kind === 'all').map(({ modelId }) => modelId));
  const defaults = (await shippedModels())
    .filter(({ id }) => !said.has(id))
    .map(({ id, stage }) => ({ modelId: id, kind: 'all' as const, key: '', stage, since: null }));
  return [...defaults, ...rows];
}

/** Only one transaction of a tenant changes stages at a time. */
export async function lockPlacements(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('analytics_model_stage' || $1::text, 0))`, [
    tx.tenantId,
  ]);
}

/** One change of a stage, for the history. */
export interface Step {
  readonly id: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly kind: ScopeKind;
  readonly key: string;
  readonly from: Stage | null;
  readonly to: Stage;
  readonly author: string;
  readonly reason: string;
  readonly becauseOf: string | null;
  readonly at: Date;
}

/** Sets a stage and writes it into the history. */
export async function takeStep(tx: Tx, step: Omit<Step, 'id'>): Promise<Step> {
  const id = newId();
  const { modelId, modelName, kind, key, from, to, author, reason, becauseOf, at } = step;
  await tx.query(
    `insert into analytics_model_stage (tenant_id, model_id, scope_kind, scope_key, stage, since)
     values (current_tenant(), $1, $2, $3, $4, $5)
     on conflict (tenant_id, model_id, scope_kind, scope_key) do update set stage = excluded.stage, since = excluded.since`,
    [modelId, kind, key, to, at],
  );
  await tx.query(
    `insert into analytics_model_step (tenant_id, id, model_id, model_name, scope_kind, scope_key, from_stage, to_stage,
       author, reason, because_of, at)
     values (current_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [id, modelId, modelName, kind, key, from, to, author, reason, becauseOf, at],
  );
  return { id, ...step };
}

const STEP = `id, model_id as "modelId", model_name as "modelName", scope_kind as kind, scope_key as key,
  from_stage as "from", to_stage as "to", author, reason, because_of as "becauseOf", at`;

/** The steps of one model, newest first. */
export async function readSteps(tx: Sql, modelId: string): Promise<Step[]> {
  const { rows } = await tx.query<Step>(
    `select ${STEP} from analytics_model_step where tenant_id = current_tenant() and model_id = $1 order by id desc limit 500`,
    [modelId],
  );
  return rows;
}

/** The newest step by which a version of this name ceased to be live in a scope for the sake of `modelId`. */
export async function readDisplaced(tx: Sql, modelId: string, kind: ScopeKind, key: string): Promise<Step | null> {
  const { rows } = await tx.query<Step>(
    `select ${STEP} from analytics_model_step as step
     where tenant_id = current_tenant() and scope_kind = $2 and scope_key = $3 and from_stage = 'live'
       and because_of = (select id from analytics_model_step where tenant_id = current_tenant() and model_id = $1
         and scope_kind = $2 and scope_key = $3 and to_stage = 'live' order by id desc limit 1)
     order by id desc limit 1`,
    [modelId, kind, key],
  );
  return rows[0] ?? null;
}
