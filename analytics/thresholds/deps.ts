import type { Clock, Database } from '../../platform/index.ts';
import type { MachineFacts } from '../facts/machineFacts.ts';
import type { ReadInForce } from './inForce.ts';
import type { ClosedOrders } from './ports.ts';

/** What everything here stands on. */
export interface ThresholdDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly facts: MachineFacts;
  readonly orders: ClosedOrders;
  readonly inForce: ReadInForce;
}
