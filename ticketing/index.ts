import { AnomalyCleared, AnomalyConfirmed, AnomalyEscalated } from '../analytics/index.ts';
import { CiFailed, type CiFailure, CiRecovered, CiWorsened } from '../cmdb/index.ts';
import type { AnyConsumer, App, Consumer, Service, Tx } from '../platform/index.ts';
import { WorkOrderTimer } from './events.ts';
import { type IncidentDeps, takeFailures } from './incidents/takeFailures.ts';
import type { Anomaly } from './intake/anomaly.ts';
import type { Occasion } from './intake/append.ts';
import { type Cleared, takeCleared } from './intake/cleared.ts';
import { takeAnomalies } from './intake/intake.ts';
import { failStop } from './response/stopCommand.ts';
import type { RouteDeps } from './routes/deps.ts';
import { moveRoutes } from './routes/moves.ts';
import { orderRoutes } from './routes/orders.ts';
import { policyRoutes } from './routes/policies.ts';
import { stopCommandRoutes } from './routes/stopCommands.ts';
import { technicianRoutes } from './routes/technicians.ts';
import { expireOrders } from './timers/expire.ts';
import { inUnit } from './unit.ts';

export { StopCommandConfirmed, WorkOrderAssigned, WorkOrderOpened, WorkOrderStateChanged } from './events.ts';
export type { Anomaly } from './intake/anomaly.ts';
export { migrations } from './migrations.ts';
export { closedOrders } from './orders/closedOrders.ts';
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

/** Work orders: from a confirmed anomaly to a closed order. It runs in its consumers and routes and has no loop of its own. */
export function createTicketing(deps: TicketingDeps): Ticketing {
  const confirmed: Consumer<Anomaly> = {
    name: 'ticketing.confirmed',
    event: AnomalyConfirmed,
    batchSize: INTAKE_BATCH,
    handle: (tx, events) =>
      takeAnomalies(
        deps,
        tx,
        events.map((event) => event.payload),
        'confirmed',
      ),
  };
  const escalated: Consumer<Anomaly> = {
    name: 'ticketing.escalated',
    event: AnomalyEscalated,
    batchSize: INTAKE_BATCH,
    handle: (tx, events) =>
      takeAnomalies(
        deps,
        tx,
        events.map((event) => event.payload),
        'escalated',
      ),
  };
  const cleared: Consumer<Cleared> = {
    name: 'ticketing.cleared',
    event: AnomalyCleared,
    batchSize: INTAKE_BATCH,
    handle: (tx, events) =>
      inUnit(deps, tx, (unit) =>
        takeCleared(
          unit,
          events.map((event) => event.payload),
        ),
      ),
  };
  const failing = (name: string, event: typeof CiFailed, occasion: Occasion): Consumer<CiFailure> => ({
    name,
    event,
    batchSize: INTAKE_BATCH,
    // One at a time: a cause and its symptoms must see each other.
    concurrency: 1,
    handle: (tx, events) =>
      takeFailures(
        deps,
        tx,
        events.map((event) => event.payload),
        occasion,
      ),
  });
  const failed = failing('ticketing.ci-failed', CiFailed, 'confirmed');
  const worsened = failing('ticketing.ci-worsened', CiWorsened, 'escalated');
  const recovered: Consumer<{ failureId: string; recoveredAtMs: number }> = {
    name: 'ticketing.ci-recovered',
    event: CiRecovered,
    batchSize: INTAKE_BATCH,
    handle: (tx, events) =>
      inUnit(deps, tx, (unit) =>
        takeCleared(
          unit,
          events.map(({ payload }) => ({ anomalyId: payload.failureId, clearedAtMs: payload.recoveredAtMs })),
        ),
      ),
  };
  const timers: Consumer<{ orderId: string }> = {
    name: 'ticketing.timers',
    event: WorkOrderTimer,
    batchSize: TIMER_BATCH,
    handle: (tx, events) =>
      inUnit(deps, tx, (unit) =>
        expireOrders(
          unit,
          events.map((event) => event.payload.orderId),
        ),
      ),
  };
  const parts = [orderRoutes, moveRoutes, technicianRoutes, policyRoutes, stopCommandRoutes];
  return {
    consumers: [confirmed, escalated, cleared, failed, worsened, recovered, timers],
    routes: (app) => {
      for (const part of parts) part(deps)(app);
    },
    stopFailed: (tx, commandId, reason) => inUnit(deps, tx, (unit) => failStop(unit, commandId, reason)),
    start: async () => undefined,
    stop: async () => undefined,
  };
}
