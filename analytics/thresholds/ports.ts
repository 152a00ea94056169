import type { Tx } from '../../platform/index.ts';
import type { Label } from '../detectors/rebaseline.ts';

/** A work order that has been closed with what was found. */
export interface ClosedOrder {
  readonly orderId: string;
  /** As people say it: WO-000123. */
  readonly number: string;
  /** The CI that it is about; null for an order about nothing in the CMDB. */
  readonly assetId: string | null;
  /** The anomalies that opened or joined it; none for one that people reported by themselves. */
  readonly anomalyIds: readonly string[];
  readonly outcome: Label;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
}

/**
 * Where analytics learns which orders were closed, and so which faults it missed: `main.ts` wires it to ticketing.
 * Reads in the caller's transaction, newest first, at most `limit`.
 */
export interface ClosedOrders {
  closed(tx: Tx, span: { readonly fromMs: number; readonly toMs: number }, limit: number): Promise<ClosedOrder[]>;
}
