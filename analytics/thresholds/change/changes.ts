import type { Tx } from '../../../platform/index.ts';
import { thresholdErrors } from '../errors.ts';
import { type Edit, editsKeyOf } from '../simulate/request.ts';
import { type Change, insertChange, lockChange, type NewChange, readChange, settleChange } from '../store/changes.ts';
import { readRun } from '../store/runs.ts';
import { lockVersion, putValue, saveVersion, valueAt } from '../store/values.ts';

/** Who does something, as the history names them. */
export interface By {
  readonly name: string;
  readonly id: string | null;
}

/** What a proposal rests on: the change a person saw in force when they decided; undefined: whatever is in force. */
export type SeenEdit = Edit & { readonly seenChangeId?: string | null | undefined };

/**
 * Notes what somebody wants to change, and what is there now; nothing is changed yet.
 *
 * @throws THRESHOLD_NO_CHANGE, THRESHOLD_CONFLICT when what they saw is not in force any more
 */
export async function propose(
  tx: Tx,
  edits: readonly SeenEdit[],
  by: By,
  about: Pick<NewChange, 'origin' | 'reason' | 'atMs'> & Partial<Pick<NewChange, 'reverts' | 'expected'>>,
): Promise<Change> {
  const stored = [];
  for (const { setting, scope, value, seenChangeId } of edits) {
    const held = await valueAt(tx, setting, scope);
    if (seenChangeId !== undefined && seenChangeId !== (held?.changeId ?? null)) await conflict(tx, setting, scope);
    if ((held?.value ?? null) === value) throw thresholdErrors.THRESHOLD_NO_CHANGE({ setting }, { field: 'edits' });
    stored.push({ setting, scope, from: held?.value ?? null, fromChangeId: held?.changeId ?? null, to: value });
  }
  const id = await insertChange(tx, { ...about, author: by.name, authorId: by.id, edits: stored });
  return (await readChange(tx, id))!;
}

/** The edits of a change, as they are simulated. */
export const editsOf = ({ edits }: Change): Edit[] =>
  edits.map(({ setting, scope, to }) => ({ setting, scope, value: to }));

/**
 * Puts a proposal in force, on a simulation of exactly its values. Whoever proposed something for the same place
 * earlier and was applied first wins; the other is told who it was.
 *
 * @throws THRESHOLD_CHANGE_UNKNOWN, THRESHOLD_CHANGE_SETTLED, THRESHOLD_SIMULATION_NEEDED, THRESHOLD_CONFLICT
 */
export async function apply(
  tx: Tx,
  id: string,
  simulationId: string,
  by: By,
  at: { readonly atMs: number; readonly reason: string | null },
): Promise<Change> {
  const version = await lockVersion(tx);
  const change = await lockProposed(tx, id);
  const run = await readRun(tx, simulationId);
  const lacks =
    run?.kind !== 'simulation'
      ? 'there is no such simulation'
      : run.status !== 'finished'
        ? `that simulation is ${run.status}`
        : run.editsKey !== editsKeyOf(editsOf(change))
          ? 'that simulation tried other values'
          : null;
  if (lacks) throw thresholdErrors.THRESHOLD_SIMULATION_NEEDED({ reason: lacks }, { field: 'simulationId' });
  return put(tx, change, version, { by, ...at, simulationId });
}

/** Puts a proposal of the system's own in force; the caller has seen that the tenant's policy allows it. */
export async function applyUnasked(tx: Tx, id: string, by: By, atMs: number): Promise<Change> {
  const version = await lockVersion(tx);
  return put(tx, await lockProposed(tx, id), version, { by, atMs, reason: null, simulationId: null });
}

/** @throws THRESHOLD_CHANGE_UNKNOWN, THRESHOLD_CHANGE_SETTLED */
export async function withdraw(tx: Tx, id: string, by: By, atMs: number, reason: string): Promise<Change> {
  await lockProposed(tx, id);
  await settleChange(tx, id, { status: 'withdrawn', by: by.name, atMs, reason, simulationId: null, version: null });
  return (await readChange(tx, id))!;
}

/**
 * Takes an applied change back: what was in force before it is in force again, as a change of its own. It needs no
 * simulation: it was lived with before.
 *
 * @throws THRESHOLD_CHANGE_UNKNOWN, THRESHOLD_NOT_APPLIED, THRESHOLD_CONFLICT when something was set there since
 */
export async function revert(tx: Tx, id: string, by: By, atMs: number, reason: string): Promise<Change> {
  const version = await lockVersion(tx);
  const applied = await lockChange(tx, id);
  if (!applied) throw thresholdErrors.THRESHOLD_CHANGE_UNKNOWN({ id });
  if (applied.status !== 'applied') throw thresholdErrors.THRESHOLD_NOT_APPLIED({ status: applied.status });
  const back: SeenEdit[] = applied.edits.map(({ setting, scope, from, to }) => ({
    setting,
    scope,
    value: from,
    seenChangeId: to === null ? null : applied.id,
  }));
  const proposed = await propose(tx, back, by, { origin: 'revert', reason, atMs, reverts: applied.id });
  return put(tx, proposed, version, { by, atMs, reason: null, simulationId: null });
}

async function put(
  tx: Tx,
  change: Change,
  version: number,
  how: { by: By; atMs: number; reason: string | null; simulationId: string | null },
): Promise<Change> {
  for (const { setting, scope, fromChangeId, to } of change.edits) {
    const held = await valueAt(tx, setting, scope);
    if ((held?.changeId ?? null) !== fromChangeId) await conflict(tx, setting, scope);
    await putValue(tx, setting, scope, to, change.id);
  }
  await saveVersion(tx, version + 1);
  await settleChange(tx, change.id, {
    ...{ status: 'applied', by: how.by.name, atMs: how.atMs, reason: how.reason },
    ...{ simulationId: how.simulationId, version: version + 1 },
  });
  return (await readChange(tx, change.id))!;
}

async function lockProposed(tx: Tx, id: string): Promise<Change> {
  const change = await lockChange(tx, id);
  if (!change) throw thresholdErrors.THRESHOLD_CHANGE_UNKNOWN({ id });
  if (change.status !== 'proposed') {
    const at = change.settledAt!.toISOString();
    throw thresholdErrors.THRESHOLD_CHANGE_SETTLED({ status: change.status, by: change.settledBy!, at });
  }
  return change;
}

/** Says who was faster, and with what. */
async function conflict(tx: Tx, setting: string, scope: Edit['scope']): Promise<never> {
  const held = await valueAt(tx, setting, scope);
  const { rows } = await tx.query<{ by: string; at: Date }>(
    `select c.settled_by as by, c.settled_at as at from threshold_change c
     join threshold_edit e on e.tenant_id = c.tenant_id and e.change_id = c.id
     where c.tenant_id = current_tenant() and c.status = 'applied' and e.setting = $1
       and e.machine_class is not distinct from $2 and e.machine_id is not distinct from $3
       and e.point_key is not distinct from $4 and e.feature is not distinct from $5 and e.regime is not distinct from $6
     order by c.version desc limit 1`,
    [setting, scope.machineClass, scope.machineId, scope.pointKey, scope.feature, scope.regime],
  );
  const by = held?.appliedBy ?? rows[0]?.by ?? 'somebody';
  const at = held?.appliedAt ?? rows[0]?.at ?? null;
  const value = held ? String(held.value) : 'what the wider scope says';
  throw thresholdErrors.THRESHOLD_CONFLICT(
    { setting, by, at: at?.toISOString() ?? 'an unknown time', value },
    { field: 'edits', detail: { setting, scope, value: held?.value ?? null, changeId: held?.changeId ?? null } },
  );
}
