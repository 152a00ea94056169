import type { Clock, Database, Logger } from '../../platform/index.ts';
import type { DeviceRegistry } from './registry.ts';

/** What the routes of devices work with. */
export interface DeviceRoutesDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  registry: DeviceRegistry;
  silentAfterMs: number;
}
