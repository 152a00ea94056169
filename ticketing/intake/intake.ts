import type { Tx } from '../../platform/index.ts';
import { lockOrders, type Order } from '../orders/order.ts';
import { isOpen } from '../orders/state.ts';
import { loadPolicies } from '../policies/policies.ts';
import { aboutAnomaly, leaderMessages } from '../response/messages.ts';
import { inUnit, type Unit, type UnitDeps } from '../unit.ts';
import type { Anomaly } from './anomaly.ts';
import { type Arrival, appendAnomalies, type Occasion } from './append.ts';
import { type AssessDeps, assess } from './assess.ts';
import { withoutCleared } from './cleared.ts';
import { openOrders } from './open.ts';

export interface IntakeDeps extends UnitDeps, AssessDeps {}

/** Each pass settles what can be settled: followers of a fault wait for the pass after its order was opened. */
const MAX_PASSES = 5;

/**
 * Takes anomalies of one tenant, confirmed or escalated alike: a fault without an open order gets exactly one, anything
 * else is appended to the order that exists. The database's unique open key decides between transactions; the anomaly's
 * own key keeps an event that is delivered again, even after the order was closed, from opening a second one.
 */
export async function takeAnomalies(
  deps: IntakeDeps,
  tx: Tx,
  arrivals: readonly Anomaly[],
  occasion: Occasion = 'confirmed',
): Promise<void> {
  await inUnit(deps, tx, async (unit) => {
    const policies = await loadPolicies(tx);
    let pending = await withoutCleared(tx, worstOfEach(arrivals));
    for (let pass = 0; pending.length > 0; pass++) {
      if (pass === MAX_PASSES)
        throw new Error(`${pending.length} anomalies found neither an order nor a free fault key`);
      const { existing, openers, followers } = await split(unit, pending);
      if (existing.length > 0) await appendAnomalies(unit, deps, policies, existing, occasion);
      const assessed = await assess(deps, tx, policies, openers, unit.nowMs);
      const opening = assessed.filter(({ response }) => response.has('open_order'));
      for (const { anomaly, basis, context, response } of assessed) {
        if (response.has('open_order') || !response.has('message_leader')) continue;
        unit.message(...leaderMessages(aboutAnomaly(anomaly, basis.priority), context.leaders));
      }
      const lost = opening.length > 0 ? await openOrders(unit, policies, opening) : [];
      pending = [...followers, ...lost];
    }
  });
}

/** One entry per anomaly: the newest of its highest level. */
function worstOfEach(arrivals: readonly Anomaly[]): Anomaly[] {
  const worst = new Map<string, Anomaly>();
  for (const anomaly of arrivals) {
    const known = worst.get(anomaly.anomalyId);
    if (!known || known.level === 'warning' || anomaly.level === 'serious') worst.set(anomaly.anomalyId, anomaly);
  }
  return [...worst.values()];
}

interface Split {
  /** To be appended to an open order, which is locked. */
  readonly existing: Arrival[];
  /** The first of each fault without an open order. */
  readonly openers: Anomaly[];
  /** Others of the same faults. */
  readonly followers: Anomaly[];
}

async function split({ tx }: Unit, pending: readonly Anomaly[]): Promise<Split> {
  // Key by key: of a whole list, a planner without fresh statistics would rather read all of the tenant's orders.
  const { rows } = await tx.query<{ anomalyId: string | null; faultKey: string | null; orderId: string }>(
    `select found.anomaly_id as "anomalyId", null as "faultKey", found.order_id as "orderId"
       from unnest($2::uuid[]) as wanted (id) cross join lateral (
         select anomaly_id, order_id from work_order_anomaly
          where tenant_id = $1 and anomaly_id = wanted.id limit 1) found
     union all
     select null, found.fault_key, found.id
       from unnest($3::text[]) as wanted (key) cross join lateral (
         select fault_key, id from work_order
          where tenant_id = $1 and fault_key = wanted.key and state not in ('closed', 'cancelled') limit 1) found`,
    [tx.tenantId, pending.map((a) => a.anomalyId), pending.map((a) => a.faultKey)],
  );
  const ofAnomaly = new Map(rows.flatMap((r) => (r.anomalyId ? [[r.anomalyId, r.orderId]] : [])));
  const ofFault = new Map(rows.flatMap((r) => (r.faultKey ? [[r.faultKey, r.orderId]] : [])));
  const orders = new Map<string, Order>();
  if (rows.length > 0) {
    for (const order of await lockOrders(tx, [...new Set(rows.map((r) => r.orderId))])) orders.set(order.id, order);
  }
  const result: Split = { existing: [], openers: [], followers: [] };
  const taken = new Set<string>();
  for (const anomaly of pending) {
    const known = orders.get(ofAnomaly.get(anomaly.anomalyId) ?? '');
    const open = known ?? orders.get(ofFault.get(anomaly.faultKey) ?? '');
    if (open && isOpen(open.state)) result.existing.push({ order: open, anomaly, known: known !== undefined });
    else if (known)
      continue; // the order of this very anomaly is over: a late repeat opens nothing
    else if (taken.has(anomaly.faultKey)) result.followers.push(anomaly);
    else {
      taken.add(anomaly.faultKey);
      result.openers.push(anomaly);
    }
  }
  return result;
}
