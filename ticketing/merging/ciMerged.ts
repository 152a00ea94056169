import type { MergedCi } from '../../cmdb/index.ts';
import { answerAssignment } from '../dispatch/assignments.ts';
import { type LogEntry, SYSTEM } from '../orders/log.ts';
import { lockOrders, type Order } from '../orders/order.ts';
import { type OrderPatch, saveOrder } from '../orders/save.ts';
import { isResponded } from '../orders/state.ts';
import { isHigher } from '../priority/priority.ts';
import type { Unit } from '../unit.ts';

/**
 * Lets everything that ticketing knows of a CI that was merged into another be that one's: orders, open and ended, who has
 * repaired it, proposed stops. Two open orders of what is one fault now become one, unless people work on both already.
 */
export async function followMerge(unit: Unit, merged: MergedCi): Promise<void> {
  if (merged.failure) await endFailure(unit, merged.failure.endedId);
  await renameNotices(unit, merged);
  const touched = await lockOrders(unit.tx, await openOrdersOf(unit, merged));
  await renameEnded(unit, merged);
  const open = new Map(touched.map((order) => [order.id, order]));
  for (const order of touched) {
    if (!names(order, merged.goneId)) continue;
    const twin = [...open.values()].find(
      (other) => other.id !== order.id && other.faultKey !== null && other.faultKey === renamedKey(order, merged),
    );
    if (!twin) {
      open.set(order.id, await rename(unit, order, merged));
      continue;
    }
    const [stays, goes] = isResponded(order.state) && !isResponded(twin.state) ? [order, twin] : [twin, order];
    if (isResponded(goes.state)) {
      // Somebody works on each: both go on, and only one of them is the fault's.
      const entry = mergedEntry(merged, { otherId: stays.id, otherNumber: stays.number });
      open.set(order.id, await saveOrder(unit, order, { ...identity(order, merged) }, [entry], SYSTEM));
      continue;
    }
    open.delete(goes.id);
    await withdraw(unit, goes, stays, merged);
    open.set(stays.id, await takeOver(unit, stays, goes, merged));
  }
}

/** The failure is over by name only: whoever has its order hears of its end from the one that it became part of. */
async function endFailure(unit: Unit, failureId: string): Promise<void> {
  await unit.tx.query(
    `insert into cleared_anomaly (tenant_id, anomaly_id, cleared_at) values ($1, $2, $3) on conflict do nothing`,
    [unit.tx.tenantId, failureId, unit.at],
  );
}

/** Open orders that name the CI that is gone, and those of the same faults of the kept one. */
async function openOrdersOf({ tx }: Unit, { goneId, keptId }: MergedCi): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from work_order
      where tenant_id = $1 and state not in ('closed', 'cancelled')
        and (asset_id in ($2, $3) or strpos(fault_key, $4) > 0 or strpos(fault_key, $5) > 0
          or strpos(contacts::text, $4) > 0)`,
    [tx.tenantId, goneId, keptId, goneId, keptId],
  );
  return rows.map(({ id }) => id);
}

function names(order: Order, goneId: string): boolean {
  const { assetId, faultKey, contacts } = order;
  return assetId === goneId || faultKey?.includes(goneId) === true || JSON.stringify(contacts).includes(goneId);
}

/** A fault's key holds the id of what fails. */
function renamedKey({ faultKey }: Order, { goneId, keptId }: MergedCi): string | null {
  return faultKey?.replaceAll(goneId, keptId) ?? null;
}

/** What an order says of the CI, as the kept one's. */
function identity(order: Order, { goneId, keptId, keptName }: MergedCi): OrderPatch {
  const about = order.assetId === goneId ? { assetId: keptId, assetName: keptName } : {};
  return { ...about, contacts: JSON.parse(JSON.stringify(order.contacts).replaceAll(goneId, keptId)) };
}

function mergedEntry({ goneKey, keptKey, by }: MergedCi, more: Record<string, unknown> = {}): LogEntry {
  return { kind: 'ci_merged', actor: { id: null, name: by }, data: { gone: goneKey, kept: keptKey, ...more } };
}

function rename(unit: Unit, order: Order, merged: MergedCi): Promise<Order> {
  const patch = { ...identity(order, merged), faultKey: renamedKey(order, merged) };
  return saveOrder(unit, order, patch, [mergedEntry(merged)], SYSTEM);
}

/** Ends the order that is one too many; its key must be free before the other takes it. */
async function withdraw(unit: Unit, order: Order, stays: Order, merged: MergedCi): Promise<void> {
  const { tx, at } = unit;
  await answerAssignment(tx, order.id, 'withdrawn', at);
  await tx.query('update work_order_anomaly set order_id = $3 where tenant_id = $1 and order_id = $2', [
    ...[tx.tenantId, order.id, stays.id],
  ]);
  await moveNotices(unit, order, stays);
  const reason = `${merged.goneKey} and ${merged.keptKey} are one: ${stays.number} goes on`;
  const entries: LogEntry[] = [
    mergedEntry(merged, { otherId: stays.id, otherNumber: stays.number }),
    { kind: 'moved', actor: SYSTEM, data: { move: 'cancel', from: order.state, to: 'cancelled', reason } },
  ];
  const patch = { state: 'cancelled', acceptDueAt: null, queueReason: null, resolvedAt: at } as const;
  await saveOrder(unit, order, { ...patch, ...identity(order, merged) }, entries, SYSTEM);
}

/** The order that stays is as pressing as the more pressing of both, and due when the earlier was. */
function takeOver(unit: Unit, stays: Order, goes: Order, merged: MergedCi): Promise<Order> {
  const more = isHigher(goes.priority, stays.priority)
    ? { priority: goes.priority, priorityBasis: goes.priorityBasis, level: goes.level }
    : {};
  const patch = {
    ...identity(stays, merged),
    ...{ faultKey: renamedKey(stays, merged), ...more },
    concerned: [...new Set([...stays.concerned, ...goes.concerned])],
    escalationDueAt: earliest(stays.escalationDueAt, goes.escalationDueAt),
    responseDueAt: earlier(stays.responseDueAt, goes.responseDueAt),
    resolutionDueAt: earlier(stays.resolutionDueAt, goes.resolutionDueAt),
  };
  const entry = mergedEntry(merged, { otherId: goes.id, otherNumber: goes.number });
  return saveOrder(unit, stays, patch, [entry], SYSTEM);
}

function earliest(a: Date | null, b: Date | null): Date | null {
  return a && b ? earlier(a, b) : (a ?? b);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** Whoever was told of the order that goes has been told of the one that stays: their links and silence count there. */
async function moveNotices({ tx }: Unit, from: Order, to: Order): Promise<void> {
  await tx.query(
    `update owner_notice n set order_id = $3 where n.tenant_id = $1 and n.order_id = $2 and not exists (
       select from owner_notice k where k.tenant_id = $1 and k.order_id = $3 and k.person_id = n.person_id)`,
    [tx.tenantId, from.id, to.id],
  );
}

/** People and services are CIs, too. */
async function renameNotices({ tx }: Unit, { goneId, keptId }: MergedCi): Promise<void> {
  const ids = [tx.tenantId, goneId, keptId];
  await tx.query(
    `update owner_notice n set person_id = $3 where n.tenant_id = $1 and n.person_id = $2 and not exists (
       select from owner_notice k where k.tenant_id = $1 and k.order_id = n.order_id and k.person_id = $3)`,
    ids,
  );
  await tx.query(
    `update owner_notice set service_ids = array_replace(service_ids, $2::uuid, $3::uuid)
      where tenant_id = $1 and $2::uuid = any (service_ids)`,
    ids,
  );
}

/** Ended orders keep their log as it is: only what they are found by is the kept CI's. */
async function renameEnded({ tx }: Unit, { goneId, keptId }: MergedCi): Promise<void> {
  const ids = [tx.tenantId, goneId, keptId];
  await tx.query(
    `update work_order set asset_id = $3
      where tenant_id = $1 and asset_id = $2 and state in ('closed', 'cancelled')`,
    ids,
  );
  await tx.query('update stop_command set line_id = $3 where tenant_id = $1 and line_id = $2', ids);
  await tx.query(
    `with gone as (
       delete from technician_experience where tenant_id = $1 and kind = 'asset' and subject = $2 returning *)
     insert into technician_experience as e (tenant_id, user_id, kind, subject, repairs)
     select tenant_id, user_id, kind, $3, repairs from gone
     on conflict (tenant_id, kind, subject, user_id) do update set repairs = e.repairs + excluded.repairs`,
    ids,
  );
}
