import type { Clock, Database } from '../../platform/index.ts';
import type { MachineFacts } from '../facts/machineFacts.ts';

/** What the routes of analytics stand on; no thread and no model is needed to answer. */
export interface RouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly facts: MachineFacts;
}
