import { newId, type Tx } from '../../platform/index.ts';
import { ticketingErrors } from '../errors.ts';
import { StopCommandConfirmed } from '../events.ts';
import { type Actor, SYSTEM } from '../orders/log.ts';
import { orderNumber } from '../orders/number.ts';
import { lockOrder, type Order } from '../orders/order.ts';
import { saveOrder } from '../orders/save.ts';
import type { Unit } from '../unit.ts';

export const STOP_STATES = ['proposed', 'confirmed', 'rejected', 'failed'] as const;
export type StopState = (typeof STOP_STATES)[number];

/** A proposal to stop a line. It does nothing until a person has confirmed it. */
export interface StopCommand {
  readonly id: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly lineId: string | null;
  readonly lineName: string;
  /** The device that obeys the line's commands; null when the CMDB names none. */
  readonly device: string | null;
  readonly because: string;
  readonly state: StopState;
  readonly proposedAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly note: string | null;
}

type Row = Omit<StopCommand, 'orderNumber'> & { orderNumber: bigint };

const SELECT = `
select s.id, s.order_id as "orderId", o.number as "orderNumber", s.line_id as "lineId", s.line_name as "lineName",
       s.device, s.because, s.state, s.proposed_at as "proposedAt", s.decided_at as "decidedAt",
       s.decided_by_name as "decidedBy", s.note
  from stop_command s join work_order o on o.tenant_id = s.tenant_id and o.id = s.order_id`;

const commandOf = (row: Row): StopCommand => ({ ...row, orderNumber: orderNumber(row.orderNumber) });

/** What a proposal needs of its order. */
export type StopSubject = Pick<Order, 'id' | 'contacts' | 'assetName'>;

/**
 * Proposes to stop the line of each order; an order is proposed once, however often its anomaly repeats.
 *
 * @returns the ids of the orders that got a proposal now
 */
export async function proposeStops(
  tx: Tx,
  orders: readonly { subject: StopSubject; because: string }[],
  at: Date,
): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const { rows } = await tx.query<{ orderId: string }>(
    `insert into stop_command (tenant_id, id, order_id, line_id, line_name, device, because, state, proposed_at)
     select $1, s.id, s.order_id, s.line_id, s.line_name, s.device, s.because, 'proposed', $2
       from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[])
         as s (id, order_id, line_id, line_name, device, because)
     on conflict (tenant_id, order_id) do nothing returning order_id as "orderId"`,
    [
      tx.tenantId,
      at,
      orders.map(() => newId()),
      orders.map(({ subject }) => subject.id),
      orders.map(({ subject }) => subject.contacts.line?.ciId ?? null),
      orders.map(({ subject }) => subject.contacts.line?.name ?? subject.contacts.machine?.name ?? subject.assetName),
      orders.map(({ subject }) => subject.contacts.line?.device ?? null),
      orders.map(({ because }) => because),
    ],
  );
  return new Set(rows.map((row) => row.orderId));
}

/** Proposals, newest first. */
export async function listStopCommands(
  tx: Tx,
  filter: { state?: StopState | undefined; orderId?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<StopCommand[]> {
  const { rows } = await tx.query<Row>(
    `${SELECT} where ($1::text is null or s.state = $1) and ($2::uuid is null or s.order_id = $2)
        and ($3::uuid is null or s.id < $3) order by s.id desc limit $4`,
    [filter.state ?? null, filter.orderId ?? null, filter.cursor ?? null, filter.limit],
  );
  return rows.map(commandOf);
}

export interface StopDecision {
  readonly confirm: boolean;
  readonly note: string | undefined;
  /** Names the device when the CMDB does not. */
  readonly device: string | undefined;
}

/**
 * A person's decision; one that failed may be confirmed again, for another device. Confirmed, it is published for the device's command topic in the same transaction.
 *
 * @throws STOP_COMMAND_UNKNOWN, STOP_COMMAND_DECIDED (also to the later of two who decide at once), STOP_COMMAND_DEVICE
 */
export async function decideStop(unit: Unit, id: string, decision: StopDecision, by: Actor): Promise<StopCommand> {
  const { rows } = await unit.tx.query<Row>(`${SELECT} where s.id = $1`, [id]);
  if (!rows[0]) throw ticketingErrors.STOP_COMMAND_UNKNOWN({ id });
  // The order's lock decides between two people; the state is read again under it.
  const order = await lockOrder(unit.tx, rows[0].orderId);
  const command = commandOf((await unit.tx.query<Row>(`${SELECT} where s.id = $1`, [id])).rows[0]!);
  if (command.state !== 'proposed' && command.state !== 'failed') {
    throw ticketingErrors.STOP_COMMAND_DECIDED({ state: command.state, by: command.decidedBy ?? '' });
  }
  const device = decision.device ?? command.device;
  if (decision.confirm && device === null) {
    throw ticketingErrors.STOP_COMMAND_DEVICE({ line: command.lineName }, { field: 'device' });
  }
  const state = decision.confirm ? 'confirmed' : 'rejected';
  await unit.tx.query(
    `update stop_command set state = $2, decided_at = $3, decided_by = $4, decided_by_name = $5, note = $6, device = $7
      where id = $1`,
    [id, state, unit.at, by.id, by.name, decision.note ?? null, device],
  );
  const data = { commandId: id, line: command.lineName, device, note: decision.note ?? null };
  await saveOrder(unit, order, {}, [{ kind: `stop_${state}`, actor: by, data }], by);
  if (decision.confirm && device !== null) {
    unit.publish(StopCommandConfirmed, {
      orderId: order.id,
      number: order.number,
      commandId: id,
      lineId: command.lineId,
      lineName: command.lineName,
      device,
      because: command.because,
      confirmedById: by.id,
      confirmedBy: by.name,
      confirmedAtMs: unit.nowMs,
    });
  }
  return { ...command, state, device, decidedAt: unit.at, decidedBy: by.name, note: decision.note ?? null };
}

/** A confirmed stop cannot be handed to its device, now or later: the reason stays with it and with its order. */
export async function failStop(unit: Unit, id: string, reason: string): Promise<void> {
  const { rows } = await unit.tx.query<{ orderId: string }>(
    `select order_id as "orderId" from stop_command where id = $1`,
    [id],
  );
  if (!rows[0]) return;
  const order = await lockOrder(unit.tx, rows[0].orderId);
  const { rowCount } = await unit.tx.query(
    `update stop_command set state = 'failed', note = $2 where id = $1 and state = 'confirmed'`,
    [id, reason],
  );
  if (rowCount === 0) return;
  const entry = { kind: 'stop_failed', actor: SYSTEM, data: { commandId: id, reason } } as const;
  await saveOrder(unit, order, {}, [entry], SYSTEM);
}
