import type { Clock, Outbox, Tx } from '../../platform/index.ts';
import { searchFollowsModel } from '../asking/search/followModel.ts';
import { cmdbErrors } from '../errors.ts';
import { GraphChanged } from '../events.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { lockVersion } from '../graph/postgres/lockVersion.ts';
import { restrictTypes } from '../graph/postgres/putRestricted.ts';
import { addLink } from '../history/chain.ts';
import { changedDefinition } from './checkedDefinition.ts';
import { CmdbModel } from './cmdbModel.ts';
import type { ModelChange } from './definitions.ts';
import { type Misfit, type MisfitRelation, misfitCis, misfitRelations, typesCheckedAnew } from './misfits.ts';
import { keepTypes, modelAt } from './store.ts';

export interface ModelChangeRequest {
  readonly change: ModelChange;
  readonly author: string;
  readonly reason: string;
  /** What becomes of CIs that do not fit: the change is refused, or they become tasks. */
  readonly onMisfit: 'refuse' | 'tasks';
  /** The version that the change was written for; refused when another stands. */
  readonly expectedVersion?: number | undefined;
}

export interface ModelChangeReport {
  /** Version of the model after the change. */
  readonly version: number;
  readonly graphVersion: bigint;
  readonly checkedCis: number;
  /** CIs that get the default of an attribute that is required now. */
  readonly filledCis: number;
  readonly misfitCount: number;
  readonly misfits: readonly Misfit[];
  readonly misfitRelationCount: number;
  readonly misfitRelations: readonly MisfitRelation[];
}

/** A list of tasks beyond this is nobody's work. */
const MOST_TASKS = 10_000;
/** Misfits that an answer lists. */
const MOST_LISTED = 200;

/**
 * Changes a tenant's model inside the caller's transaction, as a version of the model and of the graph: projections are
 * read anew with the new directions of impact. Whoever wants a preview takes the transaction back.
 *
 * @param refuse whether misfits refuse the change; a preview wants them told instead
 * @throws {FaultlineError} CMDB_MODEL_…: nothing has changed then
 * @remarks O(CIs of the types whose rules differ + relations of the types whose ends do)
 */
export async function changeModel(
  deps: { outbox: Outbox; clock: Clock },
  tx: Tx,
  request: ModelChangeRequest,
  refuse = true,
): Promise<ModelChangeReport> {
  const { version: graphBefore, modelVersion } = await lockVersion(tx);
  const { expectedVersion = modelVersion } = request;
  if (expectedVersion !== modelVersion) {
    throw cmdbErrors.CMDB_MODEL_MOVED(
      { expected: expectedVersion, version: modelVersion },
      { field: 'expectedVersion' },
    );
  }
  const before = await modelAt(tx, modelVersion);
  const after = new CmdbModel(modelVersion + 1, changedDefinition(before, request.change));
  await refuseUsed(tx, before, after);
  const types = typesCheckedAnew(before, after);
  const fit = await misfitCis(tx, after, types);
  const relations = await misfitRelations(tx, after, MOST_LISTED);
  const report: ModelChangeReport = {
    ...{
      version: after.version,
      graphVersion: graphBefore + 1n,
      checkedCis: fit.checked,
      filledCis: fit.filled.length,
    },
    ...{ misfitCount: fit.misfits.length, misfits: fit.misfits.slice(0, MOST_LISTED) },
    ...{ misfitRelationCount: relations.count, misfitRelations: relations.listed },
  };
  if (!refuse) return report;
  refuseMisfits(request, report);
  const at = new Date(deps.clock.nowMs());
  await tx.query(
    `insert into cmdb_model_version (tenant_id, version, graph_version, author, reason, at, change)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      after.version,
      report.graphVersion,
      request.author,
      request.reason,
      at,
      JSON.stringify(request.change),
    ],
  );
  const definitionOf = new Map(after.definition.ciTypes.map((type) => [type.name, type]));
  const ciTypes = request.change.ciTypes.map(({ name }) => definitionOf.get(name)!);
  await keepTypes(tx, after.version, { ...request.change, ciTypes });
  await restrictTypes(tx, before, after);
  await replaceTasks(tx, after.version, types, fit.misfits, at);
  await tx.query(
    `update cmdb_ci set model_version = $2 where tenant_id = $1 and type = any($3::text[])
       and not exists (select 1 from cmdb_model_task t where t.tenant_id = $1 and t.ci_id = cmdb_ci.id)`,
    [tx.tenantId, after.version, types],
  );
  await searchFollowsModel(tx, before, after);
  const origin = { author: request.author, reason: request.reason, source: 'model' };
  await addLink(tx, report.graphVersion, at, origin);
  await tx.query(
    'update cmdb_graph set version = $2, model_version = $3, model_graph_version = $2 where tenant_id = $1',
    [tx.tenantId, report.graphVersion, after.version],
  );
  await deps.outbox.publish(tx, GraphChanged, { version: String(report.graphVersion), cis: 0, relations: 0 });
  if (fit.filled.length === 0) return report;
  const { version: graphVersion } = await applyChanges(deps, tx, { cis: fit.filled, attributes: 'merge' }, origin);
  return { ...report, graphVersion };
}

/** A type goes only when nothing is of it. */
async function refuseUsed(tx: Tx, before: CmdbModel, after: CmdbModel): Promise<void> {
  const ciTypes = before.definition.ciTypes.map((type) => type.name).filter((name) => after.typeOf(name) === undefined);
  const relationTypes = before.relationTypeNames.filter((name) => after.relationType(name) === undefined);
  if (ciTypes.length + relationTypes.length === 0) return;
  const { rows } = await tx.query<{ type: string; count: number }>(
    `select type, count(*)::int as count from cmdb_ci where tenant_id = $1 and type = any($2::text[]) group by type
     union all
     select type, count(*)::int from cmdb_relation where tenant_id = $1 and type = any($3::text[]) group by type`,
    [tx.tenantId, ciTypes, relationTypes],
  );
  if (rows[0] !== undefined) throw cmdbErrors.CMDB_MODEL_IN_USE(rows[0]);
}

/** Relations cannot be tasks: what may not be there is taken away, or allowed. */
function refuseMisfits({ onMisfit }: ModelChangeRequest, report: ModelChangeReport): void {
  const { misfitCount, misfitRelationCount, misfits, misfitRelations } = report;
  if (misfitRelationCount > 0 || (misfitCount > 0 && onMisfit === 'refuse')) {
    throw cmdbErrors.CMDB_MODEL_VIOLATED(
      { count: misfitCount + misfitRelationCount },
      { detail: { misfits, misfitRelations } },
    );
  }
  if (misfitCount > MOST_TASKS) throw cmdbErrors.CMDB_MODEL_TASKS({ count: misfitCount, most: MOST_TASKS });
}

/** The tasks of these types' CIs become what does not fit now. */
async function replaceTasks(
  tx: Tx,
  version: number,
  types: readonly string[],
  misfits: readonly Misfit[],
  at: Date,
): Promise<void> {
  await tx.query(
    `delete from cmdb_model_task t using cmdb_ci c
     where t.tenant_id = $1 and c.tenant_id = $1 and c.id = t.ci_id and c.type = any($2::text[])`,
    [tx.tenantId, types],
  );
  await tx.query(
    `insert into cmdb_model_task (tenant_id, ci_id, attribute, problem, model_version, opened_at)
     select $1, * , $5, $6 from unnest($2::uuid[], $3::text[], $4::jsonb[]) on conflict do nothing`,
    [
      tx.tenantId,
      misfits.map((one) => one.ciId),
      misfits.map((one) => one.attribute),
      misfits.map((one) => JSON.stringify(one.problem)),
      version,
      at,
    ],
  );
}
