import type { App, Clock, Database, Jobs } from '../../platform/index.ts';
import type { IngestStores } from '../ingestStores.ts';
import { operationsRoutes } from '../operations/routes.ts';
import { exportRoutes } from './exports.ts';
import { ledgerRoutes } from './ledger.ts';
import { liveRoute } from './live.ts';
import { quarantineRoutes } from './quarantine.ts';
import { telemetryRoutes } from './telemetry.ts';
import { waveformRoutes } from './waveforms.ts';

/** Every route of the storing half. */
export function storedRoutes(deps: {
  db: Database;
  stores: IngestStores;
  clock: Clock;
  jobs: Pick<Jobs, 'enqueue'>;
}): (app: App) => void {
  const { db, stores } = deps;
  return (app) => {
    telemetryRoutes({ telemetry: stores.telemetry })(app);
    exportRoutes({ ...deps, telemetry: stores.telemetry })(app);
    liveRoute({ live: stores.live })(app);
    waveformRoutes({ waveforms: stores.waveforms })(app);
    quarantineRoutes({ db, stores })(app);
    ledgerRoutes({ stores })(app);
    operationsRoutes(deps)(app);
  };
}
