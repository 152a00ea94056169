import { jsonArray, jsonSequence, newId, type Tx } from '../../platform/index.ts';
import type { OwnerRole, Recipient } from './plan.ts';

/** What a message about the loss says, beside what it says of the order. */
export interface LossParams {
  readonly service: string;
  readonly state: 'degraded' | 'down';
  readonly costPerHour: number;
  readonly users: number;
  readonly causeChain: readonly string[];
  readonly redundancyLeft: string | null;
  readonly otherServices: readonly string[];
}

/** That somebody was told of an order's fault, or is to be, and what they said to it. */
export interface Notice extends Omit<Recipient, 'services' | 'later'> {
  readonly id: string;
  readonly orderId: string;
  readonly serviceIds: readonly string[];
  readonly loss: LossParams;
  /** Null: told only when nobody of the others acknowledges. */
  readonly toldAt: Date | null;
  /** Whether they were told because nobody had acknowledged. */
  readonly escalated: boolean;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  /** `link`: by the link of the message; `account`: signed in. */
  readonly acknowledgedVia: 'link' | 'account' | null;
}

const COLUMNS = `n.id, n.order_id as "orderId", n.person_id as "personId", n.name, n.email, n.phone, n.locale, n.roles,
  n.service_ids as "serviceIds", n.loss, n.told_at as "toldAt", n.escalated, n.acknowledged_at as "acknowledgedAt",
  n.acknowledged_by as "acknowledgedBy", n.acknowledged_via as "acknowledgedVia"`;

/** Most other services that a notice names; a hub may hit thousands. */
const MOST_OTHERS = 200;

/** A notice for somebody, not yet written. */
export function noticeFor(recipient: Recipient, orderId: string, toldAt: Date | null, escalated: boolean): Notice {
  const { services, later: _, ...person } = recipient;
  const worst = services[0]!;
  return {
    ...{ id: newId(), orderId, ...person, serviceIds: services.map((service) => service.ciId), toldAt, escalated },
    loss: {
      service: worst.name,
      state: worst.state,
      costPerHour: services.reduce((sum, service) => sum + service.costPerHour, 0),
      users: services.reduce((sum, service) => sum + service.users, 0),
      causeChain: worst.causeChain.map((step) => step.name),
      redundancyLeft: worst.redundancyLeft,
      otherServices: services.slice(1, 1 + MOST_OTHERS).map((service) => service.name),
    },
    ...{ acknowledgedAt: null, acknowledgedBy: null, acknowledgedVia: null },
  };
}

/** Writes notices of any number of orders in one statement. */
export async function insertNotices(tx: Tx, notices: readonly Notice[]): Promise<void> {
  if (notices.length === 0) return;
  await tx.query(
    `insert into owner_notice (tenant_id, id, order_id, person_id, name, email, phone, locale, roles, service_ids, loss,
                               told_at, escalated)
     select $1, n.id, n.order_id, n.person_id, n.name, n.email, n.phone, n.locale, string_to_array(n.roles, ','),
            string_to_array(n.services, ',')::uuid[], n.loss, n.told_at, n.escalated
       from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                   $10::text[], ${jsonArray('$11', 'json')}, $12::timestamptz[], $13::boolean[])
         as n (id, order_id, person_id, name, email, phone, locale, roles, services, loss, told_at, escalated)`,
    [
      tx.tenantId,
      notices.map((n) => n.id),
      notices.map((n) => n.orderId),
      notices.map((n) => n.personId),
      notices.map((n) => n.name),
      notices.map((n) => n.email),
      notices.map((n) => n.phone),
      notices.map((n) => n.locale),
      notices.map((n) => n.roles.join()),
      notices.map((n) => n.serviceIds.join()),
      jsonSequence(notices.map((n) => n.loss)),
      notices.map((n) => n.toldAt),
      notices.map((n) => n.escalated),
    ],
  );
}

/** The notices of one order, those told first first. */
export async function noticesOf(tx: Tx, orderId: string): Promise<Notice[]> {
  const { rows } = await tx.query<Notice>(
    `select ${COLUMNS} from owner_notice n where n.tenant_id = $1 and n.order_id = $2 order by n.told_at nulls last, n.id`,
    [tx.tenantId, orderId],
  );
  return rows;
}

/** One notice by its id; null when there is none. */
export async function readNotice(tx: Tx, id: string): Promise<Notice | null> {
  const { rows } = await tx.query<Notice>(
    `select ${COLUMNS} from owner_notice n where n.tenant_id = $1 and n.id = $2`,
    [tx.tenantId, id],
  );
  return rows[0] ?? null;
}

/** Services of which nobody who was told has said that they know. */
export function unacknowledged(notices: readonly Notice[]): Set<string> {
  const open = new Set(notices.flatMap(({ serviceIds }) => serviceIds));
  for (const { acknowledgedAt, serviceIds } of notices) {
    if (acknowledgedAt !== null) for (const id of serviceIds) open.delete(id);
  }
  return open;
}

/** What a message calls somebody's reason to be told. */
export function roleWord(roles: readonly OwnerRole[]): string {
  if (roles.includes('accountable')) return roles.includes('on_call') ? 'accountable_on_call' : 'accountable';
  return roles.includes('on_call') ? 'on_call' : 'deputy';
}
