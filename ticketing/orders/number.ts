import type { Tx } from '../../platform/index.ts';

/** The number that people say: WO-000123. It grows past six digits when it must. */
export function orderNumber(number: number | bigint): string {
  return `WO-${String(number).padStart(6, '0')}`;
}

/** The numeric part of what a person typed, or null when it isn't an order number. */
export function parseOrderNumber(text: string): number | null {
  const match = /^(?:WO-)?0*(\d{1,15})$/i.exec(text.trim());
  return match ? Number(match[1]) : null;
}

/** Takes the next numbers of the tenant; numbers of a rolled-back transaction are not given again. */
export async function takeNumbers(tx: Tx, howMany: number): Promise<number[]> {
  if (howMany === 0) return [];
  const { rows } = await tx.query<{ number: bigint }>('select work_order_numbers($1) as number', [howMany]);
  return rows.map((row) => Number(row.number));
}
