import type { Migration } from '../platform/index.ts';
import { historyMigration } from './history/schema.ts';
import { modelsMigration } from './models/registry/migration.ts';
import { deviceMigration } from './store/deviceSchema.ts';
import { operatingMigration } from './store/operatingSchema.ts';
import { analyticsMigration } from './store/schema.ts';
import { sensorMigration } from './store/sensorSchema.ts';
import { policyMigration } from './thresholds/store/policySchema.ts';
import { thresholdsMigration } from './thresholds/store/schema.ts';

export type { LabelAnomaly } from './anomalies/label.ts';
export type { ProofKeeper } from './anomalies/proofKeeper.ts';
export { type Analytics, type AnalyticsDeps, createAnalytics } from './createAnalytics.ts';
export type { Label } from './detectors/rebaseline.ts';
export { bearingOrdersOf } from './diagnosis/index.ts';
export {
  AnomalyCleared,
  AnomalyClosed,
  AnomalyConfirmed,
  AnomalyEscalated,
  AnomalyMoved,
  type AnomalyPayload,
  anomalyPayload,
} from './events.ts';
export type { EvidenceCard } from './evidence/card.ts';
export type { MachineFacts, MaintenanceWindow, PointFacts } from './facts/machineFacts.ts';
export type { LifeEstimate, PrognosisSource } from './prognosis/prognosisSource.ts';
export { type OpenAnomalyFacts, openAnomalies } from './store/openAnomalies.ts';

export type { ClosedOrder, ClosedOrders } from './thresholds/index.ts';

export const migrations: readonly Migration[] = [
  analyticsMigration,
  thresholdsMigration,
  historyMigration,
  sensorMigration,
  operatingMigration,
  deviceMigration,
  modelsMigration,
  policyMigration,
];
