import type { Tx } from '../../platform/index.ts';
import { orderNumber } from './number.ts';
import type { Order } from './order.ts';

/** An open order about a known asset, as it is told outside of ticketing. */
export type OpenOrderFacts = Pick<
  Order,
  | 'id'
  | 'number'
  | 'kind'
  | 'state'
  | 'priority'
  | 'fault'
  | 'level'
  | 'summary'
  | 'assetName'
  | 'createdAt'
  | 'responseDueAt'
  | 'resolutionDueAt'
> & { readonly assetId: string };

/** Of these orders, those that are open and about an asset; all of them without ids. */
export async function openOrders(tx: Tx, ids?: readonly string[]): Promise<OpenOrderFacts[]> {
  const { rows } = await tx.query<Omit<OpenOrderFacts, 'number'> & { number: bigint }>(
    `select id, number, kind, state, priority, fault, level, summary, asset_id as "assetId", asset_name as "assetName",
            created_at as "createdAt", response_due_at as "responseDueAt", resolution_due_at as "resolutionDueAt"
     from work_order
     where tenant_id = current_tenant() and state not in ('closed', 'cancelled') and asset_id is not null
       and ($1::uuid[] is null or id = any ($1))`,
    [ids ?? null],
  );
  return rows.map((row) => ({ ...row, number: orderNumber(row.number) }));
}
