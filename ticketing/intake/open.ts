import { newId } from '../../platform/index.ts';
import { insertAssignments, storedChoice } from '../dispatch/assignments.ts';
import { loadExperience } from '../dispatch/experience.ts';
import { announceOffer } from '../dispatch/offer.ts';
import { requirementFor } from '../dispatch/policy.ts';
import { claimLoads, readRoster } from '../dispatch/roster.ts';
import { type Choice, choose } from '../dispatch/score.ts';
import { WorkOrderOpened, WorkOrderTimer } from '../events.ts';
import { insertOrders } from '../orders/insert.ts';
import { type LogEntry, SYSTEM, writeLog } from '../orders/log.ts';
import { orderNumber, takeNumbers } from '../orders/number.ts';
import type { Order, OrderKind } from '../orders/order.ts';
import type { Policies } from '../policies/policies.ts';
import { PRIORITIES } from '../priority/policy.ts';
import { dueTimes } from '../priority/priority.ts';
import { aboutOrder, leaderMessages, supplierMessages } from '../response/messages.ts';
import { proposeStops } from '../response/stopCommand.ts';
import { foretold, tellOwners } from '../telling/tell.ts';
import { nextDueMs } from '../timers/due.ts';
import type { Unit } from '../unit.ts';
import { type Anomaly, isIncident, SENSOR_FAULT } from './anomaly.ts';
import { type Assessment, concernedBy } from './assess.ts';
import { linkAnomalies } from './link.ts';

interface Draft {
  readonly assessment: Assessment;
  readonly order: Order;
  readonly choice: Choice;
  readonly entries: readonly LogEntry[];
}

/**
 * Opens one order per assessment and dispatches it: the most pressing first, each seeing the loads that those before it
 * have left. All rows of the batch are written set by set.
 *
 * @returns the anomalies whose fault got its order from another transaction meanwhile
 */
export async function openOrders(
  unit: Unit,
  policies: Policies,
  assessments: readonly Assessment[],
): Promise<Anomaly[]> {
  const drafts = await draft(unit, policies, assessments);
  const inserted = await insertOrders(
    unit.tx,
    drafts.map(({ order, assessment: { verdict } }) => ({ order, verdict })),
  );
  const opened = drafts.filter(({ order }) => inserted.has(order.id));
  await write(unit, opened);
  await tellOwners(
    unit,
    policies.owners,
    opened.flatMap(({ order, assessment: { telling } }) => (telling ? [{ order, plan: telling }] : [])),
  );
  for (const each of opened) announce(unit, each);
  return drafts.filter(({ order }) => !inserted.has(order.id)).map(({ assessment }) => assessment.anomaly);
}

async function draft(unit: Unit, policies: Policies, assessments: readonly Assessment[]): Promise<Draft[]> {
  const anomalies = assessments.map((a) => a.anomaly);
  const assetIds = anomalies.flatMap((a) => (a.assetId ? [a.assetId] : []));
  const experience = await loadExperience(
    unit.tx,
    anomalies.map((a) => a.fault),
    assetIds,
  );
  const numbers = await takeNumbers(unit.tx, assessments.length);
  const roster = await readRoster(unit.tx);
  const rank = (a: Assessment) => PRIORITIES.indexOf(a.basis.priority);
  const pressing = [...assessments].sort((a, b) => rank(a) - rank(b));
  return pressing.map((assessment, i) => {
    const { anomaly, context } = assessment;
    const choice = choose(policies.dispatch, roster, {
      requirement: requirementFor(policies.dispatch, anomaly.fault, anomaly.level === 'serious'),
      places: context.places,
      refusedBy: NOBODY,
      experience: (userId) => experience(userId, anomaly.fault, anomaly.assetId),
    });
    if (choice.chosen) choice.chosen.load += 1;
    const minutes = policies.owners.escalateMinutes[assessment.basis.priority];
    const told = assessment.telling && foretold(assessment.telling, minutes, unit.nowMs);
    const entries = firstEntries(assessment, choice, told?.entries ?? []);
    return {
      assessment,
      choice,
      entries,
      order: newOrder(unit, policies, assessment, choice, {
        ...{ number: numbers[i]!, logLength: entries.length, concerned: told?.concerned ?? [] },
        escalationDueAt: told?.escalationDueAt ?? null,
      }),
    };
  });
}

const NOBODY: ReadonlySet<string> = new Set();

/** What is settled of an order before it is made. */
interface Numbered extends Pick<Order, 'logLength' | 'concerned' | 'escalationDueAt'> {
  readonly number: number;
}

function newOrder(
  unit: Unit,
  policies: Policies,
  { anomaly, basis, context, verdict }: Assessment,
  { chosen, because }: Choice,
  { number, logLength, concerned, escalationDueAt }: Numbered,
): Order {
  const { responseDueMs, resolutionDueMs } = dueTimes(policies.priority, basis.priority, unit.nowMs);
  const acceptMs = policies.dispatch.acceptMinutes[basis.priority] * 60_000;
  const order: Order = {
    id: newId(),
    number: orderNumber(number),
    kind: kindOf(anomaly.fault),
    state: chosen ? 'assigned' : 'new',
    summary: anomaly.summary,
    faultKey: anomaly.faultKey,
    fault: anomaly.fault,
    level: anomaly.level,
    zone: anomaly.severityZone,
    confidence: anomaly.confidence,
    assetId: anomaly.assetId,
    assetName: anomaly.assetName,
    pointKey: anomaly.pointKey,
    evidenceUrl: anomaly.evidenceUrl,
    priority: basis.priority,
    priorityBasis: basis,
    contacts: context,
    requesterId: null,
    requesterName: null,
    assigneeId: chosen?.userId ?? null,
    assigneeName: chosen?.name ?? null,
    queueReason: chosen ? null : because,
    concerned: [...new Set([...concernedBy(verdict, context), ...concerned])],
    responseDueAt: new Date(responseDueMs),
    resolutionDueAt: new Date(resolutionDueMs),
    acceptDueAt: chosen ? new Date(unit.nowMs + acceptMs) : null,
    escalationDueAt,
    timerDueAt: null,
    heldAt: null,
    respondedAt: null,
    resolvedAt: null,
    responseOverdue: false,
    resolutionOverdue: false,
    closure: null,
    version: 1,
    logLength,
    firstSeenAt: new Date(anomaly.firstSeenAtMs),
    createdAt: unit.at,
    updatedAt: unit.at,
  };
  return { ...order, timerDueAt: new Date(nextDueMs(order)!) };
}

function kindOf(fault: string): OrderKind {
  if (fault === SENSOR_FAULT) return 'instrumentation';
  return isIncident(fault) ? 'incident' : 'repair';
}

function firstEntries(
  { anomaly, basis, verdict, response }: Assessment,
  choice: Choice,
  told: readonly LogEntry[],
): LogEntry[] {
  const opened = {
    anomalyId: anomaly.anomalyId,
    evidenceUrl: anomaly.evidenceUrl,
    basis,
    graphVersion: verdict?.graphVersion ?? null,
    servicesAffected: verdict?.services.length ?? null,
    /** Action → the rule that asked for it. */
    response: Object.fromEntries(response),
  };
  const entries: LogEntry[] = [{ kind: 'opened', actor: SYSTEM, data: opened }, ...told];
  if (response.has('propose_stop')) {
    entries.push({ kind: 'stop_proposed', actor: SYSTEM, data: { rule: response.get('propose_stop') } });
  }
  const { chosen, because } = choice;
  entries.push(
    chosen
      ? {
          kind: 'assigned',
          actor: SYSTEM,
          data: { round: 1, technicianId: chosen.userId, technicianName: chosen.name, because },
        }
      : { kind: 'queued', actor: SYSTEM, data: { ...storedChoice(choice) } },
  );
  return entries;
}

async function write(unit: Unit, opened: readonly Draft[]): Promise<void> {
  const { tx, at } = unit;
  const links = opened.map(({ order, assessment }) => ({ orderId: order.id, anomaly: assessment.anomaly }));
  await linkAnomalies(tx, links, at);
  const entries = opened.flatMap(({ order, entries }) =>
    entries.map((entry, i) => ({ ...entry, orderId: order.id, sequence: i + 1 })),
  );
  await writeLog(tx, entries, at);
  const assigned = opened.filter(({ choice }) => choice.chosen !== null);
  await insertAssignments(
    tx,
    assigned.map(({ order, choice }) => ({
      orderId: order.id,
      round: 1,
      technicianId: choice.chosen!.userId,
      technicianName: choice.chosen!.name,
      choice: storedChoice(choice),
    })),
    at,
  );
  const loads = new Map<string, number>();
  for (const { choice } of assigned) loads.set(choice.chosen!.userId, (loads.get(choice.chosen!.userId) ?? 0) + 1);
  unit.last(() => claimLoads(tx, loads));
  const stops = opened.filter(({ assessment }) => assessment.response.has('propose_stop'));
  await proposeStops(
    tx,
    stops.map(({ order, assessment }) => ({ subject: order, because: assessment.basis.urgencyBecause })),
    at,
  );
}

function announce(unit: Unit, { assessment, order, choice }: Draft): void {
  const { anomaly, response, context } = assessment;
  unit.publish(WorkOrderOpened, {
    orderId: order.id,
    number: order.number,
    priority: order.priority,
    state: order.state,
    faultKey: order.faultKey,
    anomalyId: anomaly.anomalyId,
    assetId: order.assetId,
    evidenceUrl: order.evidenceUrl,
    queueReason: order.queueReason,
    lastWaveformAtMs: anomaly.lastWaveformAtMs,
  });
  unit.publish(WorkOrderTimer, { orderId: order.id }, order.timerDueAt!.getTime());
  if (choice.chosen) announceOffer(unit, order, choice.chosen, choice.because, 1, order.acceptDueAt!.getTime());
  const about = aboutOrder(order);
  if (response.has('message_leader')) unit.message(...leaderMessages(about, context.leaders));
  if (response.has('message_supplier')) unit.message(...supplierMessages(about, context.suppliers));
}
