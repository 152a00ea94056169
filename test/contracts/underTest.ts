import type { TelemetryStore } from '../../ingest/store/telemetryStore.ts';
import type { Database } from '../../platform/index.ts';

/** What a suite needs of an adapter on its real engine. */
export interface TelemetryStoreUnderTest {
  store: TelemetryStore;
  db: Database;
  stop(): Promise<void>;
}
