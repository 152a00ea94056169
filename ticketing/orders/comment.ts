import type { Unit } from '../unit.ts';
import type { Actor } from './log.ts';
import type { Permit } from './move.ts';
import { lockOrder, type Order } from './order.ts';
import { saveOrder } from './save.ts';

/** Adds a remark to the order's log, in any state: what is learned after the end is worth keeping too. */
export async function commentOrder(unit: Unit, id: string, text: string, by: Actor, permit: Permit): Promise<Order> {
  const order = await lockOrder(unit.tx, id);
  permit(order);
  return saveOrder(unit, order, {}, [{ kind: 'commented', actor: by, data: { text } }], by);
}
