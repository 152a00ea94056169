import { type Database, newId } from '../../platform/index.ts';
import { dispatch } from '../dispatch/offer.ts';
import { ticketingErrors } from '../errors.ts';
import { WorkOrderOpened } from '../events.ts';
import type { AssessDeps } from '../intake/assess.ts';
import { concernedBy, whatBreaks } from '../intake/assess.ts';
import { loadPolicies } from '../policies/policies.ts';
import type { AssetContext, ImpactVerdict } from '../ports.ts';
import type { Priority } from '../priority/policy.ts';
import { derivePriority, dueTimes } from '../priority/priority.ts';
import type { Unit } from '../unit.ts';
import { insertOrders } from './insert.ts';
import { type Actor, writeLog } from './log.ts';
import { orderNumber, takeNumbers } from './number.ts';
import { lockOrder, type Order, type OrderKind } from './order.ts';
import { saveOrder } from './save.ts';

/** What a person asks for. */
export interface NewOrder {
  readonly kind: OrderKind;
  readonly summary: string;
  readonly assetId: string | null;
  readonly assetName: string | null;
  /** The kind of fault, by which the skill is chosen; `other` when unknown. */
  readonly fault: string;
  /** Null lets it follow from what depends on the asset. */
  readonly priority: Priority | null;
}

/** The surroundings and the impact of what an order is about. */
export interface Subject {
  readonly context: AssetContext;
  readonly verdict: ImpactVerdict | null;
}

const NO_ASSET: Subject = {
  context: { machine: null, line: null, places: [], leaders: [], suppliers: [] },
  verdict: null,
};

/**
 * Looks an asset up before the order's transaction begins: the impact may need a connection of its own, and many who
 * hold one while they wait for another would block each other.
 *
 * @throws ASSET_UNKNOWN
 */
export async function subjectOf(
  db: Database,
  deps: AssessDeps,
  tenantId: string,
  assetId: string | null,
): Promise<Subject> {
  if (assetId === null) return NO_ASSET;
  const context = await db.tenant(tenantId, async (tx) => (await deps.assets.contexts(tx, [assetId])).get(assetId));
  if (!context) throw ticketingErrors.ASSET_UNKNOWN({ asset: assetId }, { field: 'assetId' });
  return { context, verdict: await whatBreaks(deps.impact, tenantId, assetId) };
}

/** Opens an order that a person asked for, and dispatches it like any other. */
export async function createOrder(
  unit: Unit,
  { context, verdict }: Subject,
  asked: NewOrder,
  by: Actor,
): Promise<Order> {
  const { tx } = unit;
  const policies = await loadPolicies(tx);
  // A person's order says nothing of severity: its urgency is that of a mild warning unless they set the priority.
  const symptom = { level: 'warning', zone: null, confidence: 0 } as const;
  const derived = derivePriority(policies.priority, verdict?.services ?? null, symptom);
  const basis = asked.priority
    ? { ...derived, priority: asked.priority, urgencyBecause: `set by ${by.name}` }
    : derived;
  const { responseDueMs, resolutionDueMs } = dueTimes(policies.priority, basis.priority, unit.nowMs);
  const [number] = await takeNumbers(tx, 1);
  const order: Order = {
    id: newId(),
    number: orderNumber(number!),
    kind: asked.kind,
    state: 'new',
    summary: { en: asked.summary, zh: asked.summary },
    faultKey: null,
    fault: asked.fault,
    level: null,
    zone: null,
    confidence: null,
    assetId: asked.assetId,
    assetName: asked.assetName ?? context.machine?.name ?? '',
    pointKey: null,
    evidenceUrl: null,
    priority: basis.priority,
    priorityBasis: basis,
    contacts: context,
    requesterId: by.id,
    requesterName: by.name,
    assigneeId: null,
    assigneeName: null,
    queueReason: null,
    concerned: concernedBy(verdict, context),
    responseDueAt: new Date(responseDueMs),
    resolutionDueAt: new Date(resolutionDueMs),
    acceptDueAt: null,
    escalationDueAt: null,
    timerDueAt: null,
    heldAt: null,
    respondedAt: null,
    resolvedAt: null,
    responseOverdue: false,
    resolutionOverdue: false,
    closure: null,
    version: 1,
    logLength: 1,
    firstSeenAt: null,
    createdAt: unit.at,
    updatedAt: unit.at,
  };
  await insertOrders(tx, [{ order, verdict }]);
  await writeLog(tx, [{ orderId: order.id, sequence: 1, kind: 'opened', actor: by, data: { basis } }], unit.at);
  const inserted = await lockOrder(tx, order.id);
  const { patch, entries } = await dispatch(unit, policies.dispatch, inserted);
  const saved = await saveOrder(unit, inserted, patch, entries, by);
  unit.publish(WorkOrderOpened, {
    orderId: saved.id,
    number: saved.number,
    priority: saved.priority,
    state: saved.state,
    faultKey: null,
    anomalyId: null,
    assetId: saved.assetId,
    evidenceUrl: null,
    queueReason: saved.queueReason,
    lastWaveformAtMs: null,
  });
  return saved;
}
