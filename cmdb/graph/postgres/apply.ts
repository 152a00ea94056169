import type { Clock, Outbox, Tx } from '../../../platform/index.ts';
import { SEARCH_FORMAT } from '../../asking/search/searchable.ts';
import { cmdbErrors } from '../../errors.ts';
import { GraphChanged } from '../../events.ts';
import { addLink } from '../../history/chain.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { modelAt } from '../../model/store.ts';
import { checkWritten } from '../../model/writtenCis.ts';
import { checkWrittenRelations } from '../../model/writtenRelations.ts';
import type { ApplyReport, ChangeCounts, ChangeOrigin, CiPut, GraphChanges, RelationPut } from '../assetGraph.ts';
import { batches } from '../batches.ts';
import { RelationNumbers } from '../relationNumbers.ts';
import { lockVersion } from './lockVersion.ts';
import { putCis } from './putCis.ts';
import { putRelations } from './putRelations.ts';
import { putRestricted } from './putRestricted.ts';
import { removeCis, removeRelations } from './remove.ts';
import type { ChangeSession } from './session.ts';

/** Rows that one statement takes: large enough to be quick, small enough to keep its memory bounded. */
const BATCH_ROWS = 100_000;
/** Rows of a change from which on it is worth to ask the server for memory. */
const MANY_ROWS = 10_000;

/** The group of a relation that is to stand alone, whatever its type's usual redundancy is. */
const NO_GROUP = '';

/**
 * Applies a change inside the caller's transaction, with its history and its event.
 *
 * Changes of one tenant queue on the row that holds its version, so that versions are committed in order. `written` is told
 * of each portion of CIs and relations.
 */
export async function applyChanges(
  deps: { outbox: Outbox; clock: Clock; written?: (rows: number) => Promise<void> },
  tx: Tx,
  changes: GraphChanges,
  origin: ChangeOrigin,
): Promise<ApplyReport> {
  const { version: before, modelVersion, restricts } = await lockVersion(tx);
  const model = await modelAt(tx, modelVersion);
  const cis = (changes.cis ?? []).map((ci) => ({ ...ci, attributes: model.checkedAttributes(ci) }));
  const relations = (changes.relations ?? []).map((relation) => checkedRelation(model, relation));
  refuseRepeatedCis(cis);
  refuseRepeatedRelations(relations);
  if (cis.length + relations.length > MANY_ROWS) await prepareForMany(tx);
  const session: ChangeSession = {
    tx,
    version: before + 1n,
    origin,
    at: new Date(deps.clock.nowMs()),
    seq: 0,
    seen: 0,
  };
  const ofRelations = counts();
  const ofCis = counts();
  for (const batch of batches(changes.removeRelations ?? [], BATCH_ROWS)) {
    ofRelations.removed += await removeRelations(session, batch);
  }
  for (const batch of batches(changes.removeCis ?? [], BATCH_ROWS)) {
    const removed = await removeCis(session, batch);
    ofCis.removed += removed.cis;
    ofRelations.removed += removed.relations;
  }
  for (const batch of batches(cis, BATCH_ROWS)) {
    add(ofCis, await putCis(session, batch, changes.attributes, model));
    await deps.written?.(batch.length);
  }
  await checkWritten(tx, model, cis);
  if (cis.length > 0) await putRestricted(tx, model, cis, restricts);
  let first = 0;
  for (const batch of batches(relations, BATCH_ROWS)) {
    add(ofRelations, await putRelations(session, batch, changes.attributes, first));
    first += batch.length;
    await deps.written?.(batch.length);
  }
  await checkWrittenRelations(tx, model, relations);
  if (session.seq === 0 && session.seen === 0) return { version: before, cis: ofCis, relations: ofRelations };
  await addLink(tx, session.version, session.at, origin);
  // What a graph holds from its first change on is findable: there is nothing that was not.
  await tx.query(
    `update cmdb_graph set version = $2, search_format = case when version = 0 then $3 else search_format end
     where tenant_id = $1`,
    [tx.tenantId, session.version, SEARCH_FORMAT],
  );
  await deps.outbox.publish(tx, GraphChanged, {
    version: String(session.version),
    cis: touched(ofCis),
    relations: touched(ofRelations),
  });
  return { version: session.version, cis: ofCis, relations: ofRelations };
}

/** Keeps the sorts and hashes of large statements in memory, until the transaction ends. */
async function prepareForMany(tx: Tx): Promise<void> {
  await tx.query("select set_config('work_mem', '64MB', true), set_config('jit', 'off', true)");
}

function checkedRelation(model: CmdbModel, relation: RelationPut): RelationPut {
  const { from, type, to, confidence = 1 } = relation;
  if (model.relationType(type) === undefined) {
    throw cmdbErrors.CMDB_RELATION_TYPE_UNKNOWN({ type, known: model.relationTypeNames }, { field: 'type' });
  }
  if (from === to) throw cmdbErrors.CMDB_RELATION_TO_ITSELF({ key: from }, { field: 'to' });
  if (!(confidence >= 0 && confidence <= 1)) {
    throw cmdbErrors.CMDB_CONFIDENCE({ relation: `${from} ${type} ${to}` }, { field: 'confidence' });
  }
  if (relation.group === NO_GROUP) return { ...relation, group: null, minUp: null };
  const usual = relation.group === null ? model.defaultRedundancy(type) : null;
  return usual === null ? relation : { ...relation, group: usual.group, minUp: relation.minUp ?? usual.minUp };
}

function refuseRepeatedCis(cis: readonly CiPut[]): void {
  const seen = new Set<string>();
  for (const { key } of cis) {
    if (seen.has(key)) throw cmdbErrors.CMDB_KEY_REPEATED({ key });
    seen.add(key);
  }
}

function refuseRepeatedRelations(relations: readonly RelationPut[]): void {
  const numbers = new RelationNumbers();
  const seen = new Set<number>();
  for (const relation of relations) {
    const number = numbers.of(relation);
    const { from, type, to } = relation;
    if (seen.has(number)) throw cmdbErrors.CMDB_KEY_REPEATED({ key: `${from} ${type} ${to}` });
    seen.add(number);
  }
}

function counts(): ChangeCounts {
  return { created: 0, changed: 0, unchanged: 0, removed: 0 };
}

function add(total: ChangeCounts, more: Omit<ChangeCounts, 'removed'>): void {
  total.created += more.created;
  total.changed += more.changed;
  total.unchanged += more.unchanged;
}

function touched({ created, changed, removed }: ChangeCounts): number {
  return created + changed + removed;
}
