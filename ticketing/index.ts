import { AnomalyCleared, AnomalyConfirmed, AnomalyEscalated } from '../analytics/index.ts';
import { CiFailed, type CiFailure, CiMerged, CiRecovered, CiWorsened } from '../cmdb/index.ts';
import type { AnyConsumer, App, Consumer, EventType, Service, Tx } from '../platform/index.ts';
import { WorkOrderTimer } from './events.ts';
import { type IncidentDeps, takeFailures } from './incidents/takeFailures.ts';
import type { Anomaly } from './intake/anomaly.ts';
import type { Occasion } from './intake/append.ts';
import { type Cleared, takeCleared } from './intake/cleared.ts';
import { takeAnomalies } from './intake/intake.ts';
import { followMerge } from './merging/ciMerged.ts';
import { failStop } from './response/stopCommand.ts';
import { acknowledgementRoutes } from './routes/acknowledgements.ts';
import type { RouteDeps } from './routes/deps.ts';
import { moveRoutes } from './routes/moves.ts';
import { orderRoutes } from './routes/orders.ts';
import { policyRoutes } from './routes/policies.ts';
import { stopCommandRoutes } from './routes/stopCommands.ts';
import { technicianRoutes } from './routes/technicians.ts';
import { expireOrders } from './timers/expire.ts';
import { inUnit } from './unit.ts';

export {
  StopCommandConfirmed,
  WorkOrderAssigned,
  WorkOrderOpened,
  WorkOrderRevised,
  WorkOrderStateChanged,
} from './events.ts';
export type { Anomaly } from './intake/anomaly.ts';
export { migrations } from './migrations.ts';
export { closedOrders } from './orders/closedOrders.ts';
export { type OpenOrderFacts, openOrders } from './orders/openOrders.ts';
export type {
  AssetContext,
  AssetContexts,
  ComponentHealth,
  Contact,
  Impact,
  ImpactVerdict,
  LabelAnomaly,
  MessageRequest,
  Notifier,
  OnCall,
} from './ports.ts';
export { type Profile, putTechnician, type Technician } from './technicians/technicians.ts';

/** What ticketing stands on; `main.ts` wires it. The outbox may be bound after this part is made. */
export interface TicketingDeps extends RouteDeps, IncidentDeps {}

/** Most anomalies taken in one transaction: what a batch costs beside its rows is shared by this many. */
const INTAKE_BATCH = 200;
const TIMER_BATCH = 100;

export interface Ticketing extends Service {
  readonly consumers: readonly AnyConsumer[];
  readonly routes: (app: App) => void;
  /** Says, in the caller's transaction, that a confirmed stop can never reach its device. */
  stopFailed(tx: Tx, commandId: string, reason: string): Promise<void>;
}

function inBatches<T>(
  name: string,
  event: EventType<T>,
  batchSize: number,
  take: (tx: Tx, payloads: T[]) => Promise<void>,
): Consumer<T> {
  const handle: Consumer<T>['handle'] = (tx, events) =>
    take(
      tx,
      events.map(({ payload }) => payload),
    );
  return { name, event, batchSize, handle };
}

/** Work orders: from a confirmed anomaly to a closed order. It runs in its consumers and routes and has no loop of its own. */
export function createTicketing(deps: TicketingDeps): Ticketing {
  const anomalies = (name: string, event: EventType<Anomaly>, occasion: Occasion) =>
    inBatches(name, event, INTAKE_BATCH, (tx, arrivals) => takeAnomalies(deps, tx, arrivals, occasion));
  const failures = (name: string, event: EventType<CiFailure>, occasion: Occasion) => ({
    ...inBatches(name, event, INTAKE_BATCH, (tx, arrivals) => takeFailures(deps, tx, arrivals, occasion)),
    // One at a time: a cause and its symptoms must see each other.
    concurrency: 1,
  });
  const cleared = (tx: Tx, arrivals: readonly Cleared[]) => inUnit(deps, tx, (unit) => takeCleared(unit, arrivals));
  const consumers = [
    anomalies('ticketing.confirmed', AnomalyConfirmed, 'confirmed'),
    anomalies('ticketing.escalated', AnomalyEscalated, 'escalated'),
    inBatches('ticketing.cleared', AnomalyCleared, INTAKE_BATCH, cleared),
    failures('ticketing.ci-failed', CiFailed, 'confirmed'),
    failures('ticketing.ci-worsened', CiWorsened, 'escalated'),
    inBatches('ticketing.ci-recovered', CiRecovered, INTAKE_BATCH, (tx, all) =>
      cleared(
        tx,
        all.map(({ failureId, recoveredAtMs }) => ({ anomalyId: failureId, clearedAtMs: recoveredAtMs })),
      ),
    ),
    {
      ...inBatches('ticketing.ci-merged', CiMerged, INTAKE_BATCH, (tx, all) =>
        inUnit(deps, tx, async (unit) => {
          for (const merged of all) await followMerge(unit, merged);
        }),
      ),
      // In the order of the merges: what one kept the next may merge into another.
      concurrency: 1,
    },
    inBatches('ticketing.timers', WorkOrderTimer, TIMER_BATCH, (tx, due) =>
      inUnit(deps, tx, (unit) =>
        expireOrders(
          unit,
          deps,
          due.map(({ orderId }) => orderId),
        ),
      ),
    ),
  ];
  const parts = [orderRoutes, moveRoutes, acknowledgementRoutes, technicianRoutes, policyRoutes, stopCommandRoutes];
  return {
    consumers,
    routes: (app) => {
      for (const part of parts) part(deps)(app);
    },
    stopFailed: (tx, commandId, reason) => inUnit(deps, tx, (unit) => failStop(unit, commandId, reason)),
    start: async () => undefined,
    stop: async () => undefined,
  };
}
