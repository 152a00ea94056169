import { WorkOrderAssigned } from '../events.ts';
import { type Actor, type LogEntry, SYSTEM } from '../orders/log.ts';
import type { Order } from '../orders/order.ts';
import type { OrderPatch } from '../orders/save.ts';
import { aboutOrder, assignmentMessage } from '../response/messages.ts';
import type { Unit } from '../unit.ts';
import { insertAssignments, readAssignments, storedChoice } from './assignments.ts';
import { loadExperience } from './experience.ts';
import { type DispatchPolicy, requirementFor } from './policy.ts';
import { lockRoster } from './roster.ts';
import { type Candidate, type Choice, choose, type Task } from './score.ts';

/** What dispatching an order changes: its columns, and what its log says. */
export interface DispatchResult {
  readonly patch: OrderPatch;
  readonly entries: LogEntry[];
}

/**
 * Looks for the best technician for one order and offers it to them; with nobody eligible, the order waits for a
 * dispatcher and says why. Who declined it or let the time run out is not asked again by the system.
 */
export async function dispatch(unit: Unit, policy: DispatchPolicy, order: Order): Promise<DispatchResult> {
  const earlier = await readAssignments(unit.tx, order.id);
  const refused = earlier.filter((a) => a.state === 'declined' || a.state === 'expired').map((a) => a.technicianId);
  const task = await taskOf(unit, policy, order, new Set(refused));
  const choice = choose(policy, await lockRoster(unit.tx), task);
  if (!choice.chosen) return queued(choice);
  return offer(unit, policy, order, choice, choice.chosen, earlier.length + 1, SYSTEM);
}

/** What an order asks of whoever is sent. */
export async function taskOf(
  unit: Unit,
  policy: DispatchPolicy,
  order: Order,
  refusedBy: ReadonlySet<string>,
): Promise<Task> {
  const experience = await loadExperience(unit.tx, [order.fault], order.assetId ? [order.assetId] : []);
  return {
    requirement: requirementFor(policy, order.fault, order.level === 'serious'),
    places: order.contacts.places,
    refusedBy,
    experience: (userId) => experience(userId, order.fault, order.assetId),
  };
}

/** Puts an order into the dispatcher's queue. */
function queued(choice: Choice): DispatchResult {
  return {
    patch: { state: 'new', assigneeId: null, assigneeName: null, acceptDueAt: null, queueReason: choice.because },
    entries: [{ kind: 'queued', actor: SYSTEM, data: { ...storedChoice(choice) } }],
  };
}

/** Offers an order to a technician: the row, the event and the message; the caller saves the patch. */
export async function offer(
  unit: Unit,
  policy: DispatchPolicy,
  order: Order,
  choice: Choice,
  technician: Candidate,
  round: number,
  by: Actor,
): Promise<DispatchResult> {
  const acceptDueMs = unit.nowMs + policy.acceptMinutes[order.priority] * 60_000;
  const { userId: technicianId, name: technicianName } = technician;
  await insertAssignments(
    unit.tx,
    [{ orderId: order.id, round, technicianId, technicianName, choice: storedChoice(choice) }],
    unit.at,
  );
  announceOffer(unit, order, technician, choice.because, round, acceptDueMs);
  return {
    patch: {
      state: 'assigned',
      assigneeId: technicianId,
      assigneeName: technicianName,
      acceptDueAt: new Date(acceptDueMs),
      queueReason: null,
    },
    entries: [{ kind: 'assigned', actor: by, data: { round, technicianId, technicianName, because: choice.because } }],
  };
}

/** The event and the message of an offer. */
export function announceOffer(
  unit: Unit,
  order: Order,
  technician: Candidate,
  because: string,
  round: number,
  acceptDueMs: number,
): void {
  unit.publish(WorkOrderAssigned, {
    orderId: order.id,
    number: order.number,
    technicianId: technician.userId,
    technicianName: technician.name,
    because,
    acceptDueAtMs: acceptDueMs,
  });
  const resolutionDueMs = order.resolutionDueAt.getTime();
  unit.message(assignmentMessage(aboutOrder(order), technician, { round, because, acceptDueMs, resolutionDueMs }));
}
