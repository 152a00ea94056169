import type { Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { CmdbModel } from './cmdbModel.ts';
import { NO_SUCH_CI, type Problem, problemsOf } from './problems.ts';
import { lostReferences } from './references.ts';
import { keepUniqueValues, type StoredCi } from './uniqueValues.ts';

/**
 * Checks of CIs that were just written what needs the whole CI, or others: that nothing required is missing, values are
 * unique and references lead somewhere. What is on the list of tasks may stay as it is; what is put right leaves it.
 *
 * @throws {FaultlineError} CMDB_ATTRIBUTE, CMDB_NOT_UNIQUE
 * @remarks costs nothing for types of which nothing of this is demanded; else O(CIs written)
 */
export async function checkWritten(
  tx: Tx,
  model: CmdbModel,
  written: readonly { readonly key: string; readonly type: string }[],
): Promise<void> {
  const demanding = written.filter(({ type }) => demands(model, type));
  const tasks = model.version === 0 ? [] : await openTasks(tx, written);
  if (demanding.length === 0 && tasks.length === 0) return;
  const cis = await storedCis(tx, [...demanding.map((ci) => ci.key), ...tasks.map((task) => task.key)]);
  const accepted = new Set(tasks.map((task) => `${task.ciId} ${task.attribute}`));
  const left = new Set<string>();
  const meet = (ci: StoredCi, { attribute, problem }: Problem) => {
    const place = `${ci.id} ${attribute}`;
    left.add(place);
    if (accepted.has(place)) return;
    throw cmdbErrors.CMDB_ATTRIBUTE(
      { key: ci.key, type: ci.type, problem: `${attribute}: ${problem.en}` },
      { field: attribute === 'type' ? 'type' : `attributes.${attribute}` },
    );
  };
  for (const ci of cis) for (const problem of problemsOf(model, ci)) meet(ci, problem);
  for (const { ci, attribute } of await lostReferences(tx, model, cis)) meet(ci, { attribute, problem: NO_SUCH_CI });
  for (const { ci, attribute, value, other } of await keepUniqueValues(tx, model, cis)) {
    left.add(`${ci.id} ${attribute}`);
    if (accepted.has(`${ci.id} ${attribute}`)) continue;
    throw cmdbErrors.CMDB_NOT_UNIQUE({ key: ci.key, attribute, value, other }, { field: `attributes.${attribute}` });
  }
  await closeTasks(
    tx,
    tasks.filter((task) => !left.has(`${task.ciId} ${task.attribute}`)),
  );
}

function demands(model: CmdbModel, name: string): boolean {
  const type = model.typeOf(name);
  return type !== undefined && type.required.length + type.references.length + type.unique.length > 0;
}

async function storedCis(tx: Tx, keys: readonly string[]): Promise<StoredCi[]> {
  const { rows } = await tx.query<StoredCi>(
    'select id, key, type, attributes from cmdb_ci where tenant_id = $1 and key = any($2::text[]) order by key',
    [tx.tenantId, [...new Set(keys)]],
  );
  return rows;
}

interface Task {
  ciId: string;
  key: string;
  attribute: string;
}

/** Tasks that concern attributes of these CIs. */
async function openTasks(tx: Tx, cis: readonly { readonly key: string }[]): Promise<Task[]> {
  const { rows } = await tx.query<Task>(
    `select t.ci_id as "ciId", c.key, t.attribute
     from cmdb_model_task t join cmdb_ci c on c.tenant_id = $1 and c.id = t.ci_id
     where t.tenant_id = $1 and c.key = any($2::text[])`,
    [tx.tenantId, cis.map((ci) => ci.key)],
  );
  return rows;
}

async function closeTasks(tx: Tx, tasks: readonly Task[]): Promise<void> {
  if (tasks.length === 0) return;
  await tx.query(
    `delete from cmdb_model_task t using unnest($2::uuid[], $3::text[]) as done (ci_id, attribute)
     where t.tenant_id = $1 and t.ci_id = done.ci_id and t.attribute = done.attribute`,
    [tx.tenantId, tasks.map((task) => task.ciId), tasks.map((task) => task.attribute)],
  );
}
