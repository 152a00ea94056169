import { ticketingErrors } from '../errors.ts';
import type { Actor, LogEntry } from '../orders/log.ts';
import { lockOrder, type Order } from '../orders/order.ts';
import { saveOrder } from '../orders/save.ts';
import type { Unit } from '../unit.ts';
import { type Notice, noticesOf, readNotice, unacknowledged } from './notices.ts';

/**
 * Takes an acknowledgement by the link of a message. Saying it again changes nothing.
 * @throws NOTICE_UNKNOWN
 */
export async function acknowledgeByLink(unit: Unit, noticeId: string): Promise<{ order: Order; notice: Notice }> {
  const found = await readNotice(unit.tx, noticeId);
  if (!found) throw ticketingErrors.NOTICE_UNKNOWN({});
  const order = await lockOrder(unit.tx, found.orderId);
  const by = { id: null, name: found.name };
  const { order: after, notices } = await acknowledge(unit, order, ({ id }) => id === noticeId, by, 'link');
  return { order: after, notice: notices.find(({ id }) => id === noticeId)! };
}

/**
 * Takes an acknowledgement by somebody who is signed in: they are known as an owner by their address. Saying it again
 * changes nothing.
 *
 * @param demandVisible throws where the order does not concern them
 * @throws ORDER_UNKNOWN, NOTICE_NOT_TOLD
 */
export async function acknowledgeByAccount(
  unit: Unit,
  orderId: string,
  { by, email }: { by: Actor; email: string | null },
  demandVisible: (order: Order) => void,
): Promise<Order> {
  const order = await lockOrder(unit.tx, orderId);
  demandVisible(order);
  const isTheirs = (notice: Notice) => email !== null && notice.email?.toLowerCase() === email;
  const { order: after, notices } = await acknowledge(unit, order, isTheirs, by, 'account');
  if (!notices.some(isTheirs)) throw ticketingErrors.NOTICE_NOT_TOLD({ number: order.number });
  return after;
}

/** The caller holds the order's lock: of two who acknowledge at once, the later sees what the earlier has said. */
async function acknowledge(
  unit: Unit,
  order: Order,
  isTheirs: (notice: Notice) => boolean,
  by: Actor,
  via: 'link' | 'account',
): Promise<{ order: Order; notices: Notice[] }> {
  const before = await noticesOf(unit.tx, order.id);
  const said = before.filter((notice) => isTheirs(notice) && notice.acknowledgedAt === null);
  if (said.length === 0) return { order, notices: before };
  await unit.tx.query(
    `update owner_notice set acknowledged_at = $3, acknowledged_by = $4, acknowledged_via = $5
      where tenant_id = $1 and id = any ($2::uuid[])`,
    [unit.tx.tenantId, said.map(({ id }) => id), unit.at, by.name, via],
  );
  const notices = await noticesOf(unit.tx, order.id);
  const entries: LogEntry[] = said.map(({ name, roles, loss }) => ({
    kind: 'acknowledged',
    actor: by,
    data: { name, roles, via, services: [loss.service, ...loss.otherServices].slice(0, 20) },
  }));
  const rest = unacknowledged(notices).size;
  const patch = rest === 0 ? { escalationDueAt: null } : {};
  return { order: await saveOrder(unit, order, patch, entries, by), notices };
}
