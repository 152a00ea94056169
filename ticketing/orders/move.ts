import type { Closure, Outcome } from '../closure/closure.ts';
import { answerAssignment, readAssignments } from '../dispatch/assignments.ts';
import { addExperience } from '../dispatch/experience.ts';
import { type DispatchResult, dispatch, offer, taskOf } from '../dispatch/offer.ts';
import { lockRoster } from '../dispatch/roster.ts';
import { chooseByHand } from '../dispatch/score.ts';
import { ticketingErrors } from '../errors.ts';
import { linkedAnomalies } from '../intake/link.ts';
import { loadPolicies } from '../policies/policies.ts';
import type { LabelAnomaly } from '../ports.ts';
import type { Unit } from '../unit.ts';
import type { Actor, LogEntry } from './log.ts';
import { lockOrder, type Order } from './order.ts';
import { type OrderPatch, saveOrder } from './save.ts';
import { allowedMoves, nextState } from './state.ts';

/** What a person asks to be done with an order, with what the move needs. */
export type MoveRequest =
  | { readonly move: 'assign' /** Whom; null lets the system choose. */; readonly technicianId: string | null }
  | { readonly move: 'accept' | 'start' | 'resume' }
  | { readonly move: 'decline' | 'hold' | 'reopen'; readonly reason: string }
  | { readonly move: 'complete'; readonly note: string | null }
  | { readonly move: 'close'; readonly closure: Closure }
  | { readonly move: 'cancel'; readonly reason: string; readonly outcome: Outcome | null };

/** Who may move this order: the order is known, so that a technician's own can be told from others'. */
export type Permit = (order: Order) => void;

export interface MoveDeps {
  readonly labelAnomaly: LabelAnomaly;
}

/**
 * Moves one order along its state machine, alone under the order's lock: of two who move at once, the later sees what
 * the earlier has done and is refused where that leaves its move illegal.
 *
 * @param version what the caller has read; undefined where the caller does not care
 * @throws ORDER_UNKNOWN, ORDER_CHANGED, ORDER_MOVE_ILLEGAL, and what `permit` throws
 */
export async function moveOrder(
  unit: Unit,
  deps: MoveDeps,
  id: string,
  request: MoveRequest,
  by: Actor,
  permit: Permit,
  version?: number,
): Promise<Order> {
  const order = await lockOrder(unit.tx, id);
  permit(order);
  const { number, state } = order;
  if (version !== undefined && version !== order.version) {
    throw ticketingErrors.ORDER_CHANGED({ number, version: order.version }, { field: 'version' });
  }
  const to = nextState(state, request.move);
  if (!to) {
    const allowed = allowedMoves(state);
    throw ticketingErrors.ORDER_MOVE_ILLEGAL(
      { number, state, move: request.move, allowed },
      { detail: { state, allowed } },
    );
  }
  const { patch, entries } = await effectOf(unit, deps, order, request, by);
  const after = { state: to, ...patch };
  return saveOrder(unit, order, after, [moved(order, request, after.state, by), ...entries], by);
}

function moved(order: Order, request: MoveRequest, to: string, by: Actor): LogEntry {
  const { move, ...details } = request;
  return {
    kind: move === 'decline' ? 'declined' : 'moved',
    actor: by,
    data: { move, from: order.state, to, ...details },
  };
}

/** What a move changes besides the state that the table names; dispatch may name another state. */
async function effectOf(
  unit: Unit,
  deps: MoveDeps,
  order: Order,
  request: MoveRequest,
  by: Actor,
): Promise<DispatchResult> {
  const { tx, at } = unit;
  switch (request.move) {
    case 'assign':
      return assign(unit, order, request.technicianId, by);
    case 'accept':
      await answerAssignment(tx, order.id, 'accepted', at);
      return only({ acceptDueAt: null, respondedAt: order.respondedAt ?? at });
    case 'decline': {
      await answerAssignment(tx, order.id, 'declined', at, request.reason);
      const { dispatch: policy } = await loadPolicies(tx);
      return dispatch(unit, policy, order);
    }
    case 'start':
      return only({});
    case 'hold':
      return only({ heldAt: at });
    case 'resume':
      return only(resumed(unit, order));
    case 'complete':
      return only({ resolvedAt: at });
    case 'reopen':
      return only({ resolvedAt: null });
    case 'close':
      await close(unit, deps, order, request.closure, by);
      return only({ closure: request.closure });
    case 'cancel':
      await cancel(unit, deps, order, request.outcome, by);
      return only({ acceptDueAt: null, queueReason: null, resolvedAt: at });
  }
}

function only(patch: OrderPatch): DispatchResult {
  return { patch, entries: [] };
}

/** Time on hold doesn't count: the resolution is due later by as much. */
function resumed(unit: Unit, order: Order): OrderPatch {
  const heldMs = order.heldAt ? unit.nowMs - order.heldAt.getTime() : 0;
  return { heldAt: null, resolutionDueAt: new Date(order.resolutionDueAt.getTime() + heldMs) };
}

async function assign(unit: Unit, order: Order, technicianId: string | null, by: Actor): Promise<DispatchResult> {
  const { dispatch: policy } = await loadPolicies(unit.tx);
  await answerAssignment(unit.tx, order.id, 'withdrawn', unit.at);
  const held = order.heldAt ? resumed(unit, order) : {};
  if (technicianId === null) {
    const result = await dispatch(unit, policy, order);
    return { patch: { ...held, ...result.patch }, entries: result.entries };
  }
  const roster = await lockRoster(unit.tx);
  const technician = roster.find((candidate) => candidate.userId === technicianId);
  if (!technician) throw ticketingErrors.TECHNICIAN_UNKNOWN({ id: technicianId }, { field: 'technicianId' });
  if (!technician.active) throw ticketingErrors.TECHNICIAN_ROLE({ id: technicianId }, { field: 'technicianId' });
  const task = await taskOf(unit, policy, order, new Set());
  const choice = chooseByHand(policy, technician, task, by.name);
  const round = (await readAssignments(unit.tx, order.id)).length + 1;
  const result = await offer(unit, policy, order, choice, technician, round, by);
  return { patch: { ...held, ...result.patch }, entries: result.entries };
}

async function close(unit: Unit, deps: MoveDeps, order: Order, closure: Closure, by: Actor): Promise<void> {
  await label(unit, deps, order, closure.outcome, by);
  if (order.assigneeId && closure.outcome === 'confirmed') {
    await addExperience(unit.tx, order.assigneeId, order.fault, order.assetId);
  }
}

/** A cancelled order frees its fault's key; its anomaly must be labelled, or nothing would ever open an order for it again. */
async function cancel(unit: Unit, deps: MoveDeps, order: Order, outcome: Outcome | null, by: Actor): Promise<void> {
  await answerAssignment(unit.tx, order.id, 'withdrawn', unit.at);
  if (order.faultKey === null) return;
  if (outcome === null) throw ticketingErrors.ORDER_OUTCOME_NEEDED({ number: order.number }, { field: 'outcome' });
  await label(unit, deps, order, outcome, by);
}

/** Tells the detector how its anomalies turned out, in the transaction that ends the order. */
async function label(unit: Unit, deps: MoveDeps, order: Order, outcome: Outcome, by: Actor): Promise<void> {
  // What an incident is about is monitoring's: no detector of ours learns from it.
  if (order.kind === 'incident') return;
  for (const { anomalyId } of await linkedAnomalies(unit.tx, order.id)) {
    await deps.labelAnomaly(unit.tx, anomalyId, outcome, by.name);
  }
}
