import type { Api } from '../attach/index.ts';
import type { ReplayAsset } from './assets.ts';

const BEARING_FAULTS = ['inner', 'outer', 'ball', 'cage'] as const;
type BearingFault = (typeof BEARING_FAULTS)[number];

/** What the pipeline made of one record. */
export interface Outcome {
  record: string;
  /** The bearing fault that was named; null when none was. */
  fault: BearingFault | null;
  /** How sure the name is, 0 … 1; 0 when none was given. */
  confidence: number;
  /** Number of the order that was opened; null when none was. */
  order: string | null;
}

/** Also what is no bearing fault: shown to people, not part of the answer's list. */
export interface ShownOutcome extends Outcome {
  otherFault: string | null;
  orders: number;
}

interface AnomalyItem {
  id: string;
  pointKey: string;
  fault: string;
  status: string;
  confidence: number;
}

interface OrderItem {
  number: string;
  pointKey: string | null;
  fault: string;
}

const isBearingFault = (fault: string): fault is BearingFault => (BEARING_FAULTS as readonly string[]).includes(fault);
const isOf =
  ({ device }: ReplayAsset) =>
  ({ pointKey }: { pointKey: string | null }) =>
    pointKey?.startsWith(`${device}/`) ?? false;

/** Asks the API what was found on each record's points. */
export async function readOutcomes(api: Api, assets: readonly ReplayAsset[]): Promise<ShownOutcome[]> {
  const anomalies = await api.list<AnomalyItem>('/api/v1/anomalies?limit=200');
  const orders = await api.list<OrderItem>('/api/v1/work-orders?limit=200');
  return assets.map((asset): ShownOutcome => {
    const own = anomalies.filter(isOf(asset)).filter(({ status }) => status !== 'suspected');
    const named = own.find(({ fault }) => isBearingFault(fault));
    const shown = named ?? own[0];
    const ownOrders = orders.filter(isOf(asset));
    const order = ownOrders.find(({ fault }) => fault === shown?.fault) ?? ownOrders[0];
    return {
      record: asset.record.name,
      fault: named && isBearingFault(named.fault) ? named.fault : null,
      confidence: named?.confidence ?? 0,
      order: order?.number ?? null,
      otherFault: named ? null : (shown?.fault ?? null),
      orders: ownOrders.length,
    };
  });
}

/** A table for people. */
export function outcomeTable(outcomes: readonly ShownOutcome[]): string {
  const rows = outcomes.map(({ record, fault, otherFault, confidence, order, orders }) => [
    record,
    fault ?? (otherFault === null ? '–' : `(${otherFault})`),
    fault === null ? '' : confidence.toFixed(2),
    order === null ? '–' : orders > 1 ? `${order} (+${orders - 1})` : order,
  ]);
  const header = ['record', 'fault named', 'confidence', 'order opened'];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
