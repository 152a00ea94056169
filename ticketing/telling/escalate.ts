import { type LogEntry, SYSTEM } from '../orders/log.ts';
import type { Order } from '../orders/order.ts';
import type { OrderPatch } from '../orders/save.ts';
import { readVerdict } from '../orders/verdicts.ts';
import type { OnCall } from '../ports.ts';
import type { Unit } from '../unit.ts';
import { insertNotices, type Notice, noticeFor, noticesOf, unacknowledged } from './notices.ts';
import { planTelling } from './plan.ts';
import type { OwnersPolicy } from './policy.ts';
import { sendNotices } from './tell.ts';

/**
 * Nobody has acknowledged in time: the deputies of the services concerned are told, and who is on call for them by now.
 * The caller holds the order's lock and saves the patch, which ends the clock.
 */
export async function escalate(
  unit: Unit,
  { onCall }: { onCall: OnCall },
  policy: OwnersPolicy,
  order: Order,
): Promise<{ patch: OrderPatch; entries: LogEntry[] }> {
  const notices = await noticesOf(unit.tx, order.id);
  const open = unacknowledged(notices);
  const waiting = notices.filter((n) => n.toldAt === null && n.serviceIds.some((id) => open.has(id)));
  await unit.tx.query(
    'update owner_notice set told_at = $3, escalated = true where tenant_id = $1 and id = any ($2::uuid[])',
    [unit.tx.tenantId, waiting.map(({ id }) => id), unit.at],
  );
  const standing = await onCallNow(unit, onCall, order, notices, open);
  await insertNotices(unit.tx, standing);
  const told = [...waiting, ...standing];
  const firstTold = notices.find(({ toldAt }) => toldAt !== null)?.toldAt ?? order.createdAt;
  const minutes = Math.round((unit.nowMs - firstTold.getTime()) / 60_000);
  await sendNotices(
    unit,
    policy,
    told.map((notice) => ({ order, notice })),
    minutes,
  );
  const data = {
    told: told.map(({ name, roles }) => ({ name, roles })),
    unacknowledgedMinutes: minutes,
    nobodyLeft: told.length === 0,
  };
  const concerned = told.flatMap(({ email }) => email?.toLowerCase() ?? []);
  return {
    patch: { escalationDueAt: null, concerned: [...new Set([...order.concerned, ...concerned])] },
    entries: open.size === 0 ? [] : [{ kind: 'owners_escalated', actor: SYSTEM, data }],
  };
}

/** Notices for those who are on call now and have heard nothing: the shift may have changed since. */
async function onCallNow(
  unit: Unit,
  onCall: OnCall,
  order: Order,
  notices: readonly Notice[],
  open: ReadonlySet<string>,
): Promise<Notice[]> {
  const services = ((await readVerdict(unit.tx, order.id))?.services ?? []).filter(({ ciId }) => open.has(ciId));
  const standings = await onCall.onCall(
    unit.tx,
    services.map(({ ciId }) => ciId),
    unit.nowMs,
  );
  const known = new Set(notices.flatMap(({ personId, email }) => [personId, email?.toLowerCase() ?? personId]));
  return planTelling(
    services.map((service) => ({ ...service, owners: [] })),
    standings,
  )
    .recipients.filter(({ personId, email }) => !known.has(personId) && !(email && known.has(email.toLowerCase())))
    .map((recipient) => noticeFor(recipient, order.id, unit.at, true));
}
