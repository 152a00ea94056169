import type { LogEntry } from '../orders/log.ts';
import { SYSTEM } from '../orders/log.ts';
import type { Order } from '../orders/order.ts';
import { type OrderPatch, saveOrder } from '../orders/save.ts';
import { keepVerdicts } from '../orders/verdicts.ts';
import type { Policies } from '../policies/policies.ts';
import { LEVELS } from '../priority/policy.ts';
import { dueTimes, isHigher } from '../priority/priority.ts';
import { aboutOrder, leaderMessages, supplierMessages } from '../response/messages.ts';
import { proposeStops } from '../response/stopCommand.ts';
import { noticesOf } from '../telling/notices.ts';
import type { TellingPlan } from '../telling/plan.ts';
import { foretold, tellOwners } from '../telling/tell.ts';
import type { Unit } from '../unit.ts';
import type { Anomaly } from './anomaly.ts';
import { type AssessDeps, type Assessment, assess } from './assess.ts';
import { linkAnomalies } from './link.ts';

/** An anomaly whose fault has an open order; the order is locked. */
export interface Arrival {
  readonly order: Order;
  readonly anomaly: Anomaly;
  /** Whether this very anomaly is already tied to the order. */
  readonly known: boolean;
}

/** Why an anomaly arrives: it was confirmed, or it has become worse or got a more precise name since. */
export type Occasion = 'confirmed' | 'escalated';

/**
 * Appends anomalies to the orders of their faults; one of a higher level raises the order, and an escalation may give
 * the order's fault its name. A late confirmation never takes such a name back.
 */
export async function appendAnomalies(
  unit: Unit,
  deps: AssessDeps,
  policies: Policies,
  arrivals: readonly Arrival[],
  occasion: Occasion,
): Promise<void> {
  const links = arrivals.filter(({ known }) => !known).map(({ order, anomaly }) => ({ orderId: order.id, anomaly }));
  await linkAnomalies(unit.tx, links, unit.at);
  const matters = (order: Order, { anomaly, known }: Arrival) =>
    isWorse(anomaly, order) || (occasion === 'escalated' && known && anomaly.fault !== order.fault);
  const rising = arrivals.filter((arrival) => matters(arrival.order, arrival)).map(({ anomaly }) => anomaly);
  const assessed = await assess(deps, unit.tx, policies, rising, unit.nowMs);
  const assessmentOf = new Map(assessed.map((a) => [a.anomaly.anomalyId, a]));
  const current = new Map<string, Order>();
  for (const arrival of arrivals) {
    const { order: read, anomaly, known } = arrival;
    // An earlier arrival of this batch may have changed the same order.
    const order = current.get(read.id) ?? read;
    const entries: LogEntry[] = [];
    const { anomalyId, level, confidence, evidenceUrl } = anomaly;
    const raised = matters(order, arrival) ? assessmentOf.get(anomalyId) : undefined;
    if (!known) entries.push(entry('anomaly_added', { anomalyId, level, confidence, evidenceUrl }));
    else if (!raised) entries.push(entry('anomaly_repeated', { anomalyId, level, confidence }));
    const patch = raised ? await raise(unit, policies, order, raised, entries) : {};
    current.set(read.id, await saveOrder(unit, order, patch, entries, SYSTEM));
  }
}

function isWorse(anomaly: Anomaly, order: Order): boolean {
  return LEVELS.indexOf(anomaly.level) > (order.level === null ? -1 : LEVELS.indexOf(order.level));
}

function entry(kind: LogEntry['kind'], data: LogEntry['data']): LogEntry {
  return { kind, actor: SYSTEM, data };
}

/** What a higher level or a better name changes: priority and due times, which only ever tighten, and what the rules add. */
async function raise(
  unit: Unit,
  policies: Policies,
  order: Order,
  { anomaly, basis, verdict, response, telling }: Assessment,
  entries: LogEntry[],
): Promise<OrderPatch> {
  const priority = isHigher(basis.priority, order.priority) ? basis.priority : order.priority;
  const { responseDueMs, resolutionDueMs } = dueTimes(policies.priority, priority, unit.nowMs);
  const acceptDueMs = unit.nowMs + policies.dispatch.acceptMinutes[priority] * 60_000;
  const patch: OrderPatch = {
    fault: anomaly.fault,
    level: isWorse(anomaly, order) ? anomaly.level : order.level,
    zone: anomaly.severityZone,
    confidence: anomaly.confidence,
    summary: anomaly.summary,
    priority,
    priorityBasis: { ...basis, priority },
    responseDueAt: earlier(order.responseDueAt, responseDueMs),
    resolutionDueAt: earlier(order.resolutionDueAt, resolutionDueMs),
    acceptDueAt: order.acceptDueAt && earlier(order.acceptDueAt, acceptDueMs),
  };
  if (verdict) {
    const ids = await keepVerdicts(unit.tx, [verdict]);
    await unit.tx.query('update work_order set verdict_id = $2 where id = $1', [order.id, ids.get(verdict)]);
  }
  const from = { fault: order.fault, level: order.level, priority: order.priority };
  entries.push(
    entry('escalated', {
      anomalyId: anomaly.anomalyId,
      from,
      to: { fault: anomaly.fault, level: patch.level, priority },
      basis,
      response: Object.fromEntries(response),
    }),
  );
  if (response.has('propose_stop')) {
    const proposed = await proposeStops(unit.tx, [{ subject: order, because: basis.urgencyBecause }], unit.at);
    if (proposed.size > 0) entries.push(entry('stop_proposed', { rule: response.get('propose_stop') }));
  }
  const more = telling && (await tellMore(unit, policies, { ...order, ...patch }, telling));
  if (more) entries.push(...more.entries);
  const about = aboutOrder({ ...order, ...patch });
  if (response.has('message_leader')) unit.message(...leaderMessages(about, order.contacts.leaders));
  if (response.has('message_supplier')) unit.message(...supplierMessages(about, order.contacts.suppliers));
  return more ? { ...patch, concerned: more.concerned, escalationDueAt: more.escalationDueAt } : patch;
}

/** Tells those whom the fault has come to concern since; who was told before is not told again. */
async function tellMore(unit: Unit, policies: Policies, order: Order, plan: TellingPlan): Promise<Foretold | null> {
  const told = await noticesOf(unit.tx, order.id);
  const known = new Set(told.flatMap(({ personId, email }) => [personId, email?.toLowerCase() ?? personId]));
  const recipients = plan.recipients.filter(
    ({ personId, email }) => !known.has(personId) && !(email && known.has(email.toLowerCase())),
  );
  if (recipients.length === 0) return null;
  const more = { ...plan, recipients };
  await tellOwners(unit, policies.owners, [{ order, plan: more }]);
  const { entries, concerned, escalationDueAt } = foretold(
    more,
    policies.owners.escalateMinutes[order.priority],
    unit.nowMs,
  );
  return {
    entries,
    concerned: [...new Set([...order.concerned, ...concerned])],
    escalationDueAt: order.escalationDueAt ?? escalationDueAt,
  };
}

type Foretold = ReturnType<typeof foretold>;

function earlier(due: Date, otherMs: number): Date {
  return otherMs < due.getTime() ? new Date(otherMs) : due;
}
