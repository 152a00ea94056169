import { defineErrors } from '../platform/index.ts';

export const analyticsErrors = defineErrors({
  ANALYTICS_MODEL_INPUT: {
    status: 422,
    message: (p: { definition: string }) =>
      `The block gives no finite ${p.definition} features (a silent or damaged spectrum); the model was not asked.`,
  },
  ANALYTICS_MODEL_HASH: {
    status: 500,
    message: (p: { file: string; expected: string; found: string }) =>
      `The model file ${p.file} is not the one its contract describes (SHA-256 ${p.found}, expected ${p.expected}). Restore the file or train it again.`,
  },
  ANALYTICS_MODEL_CONTRACT: {
    status: 500,
    message: (p: { file: string; reason: string }) =>
      `The model contract ${p.file} cannot be used: ${p.reason}. Correct it or train the model again.`,
  },
  ANALYTICS_ANOMALY_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no anomaly ${p.id}. GET /api/v1/anomalies lists those there are.`,
  },
  ANALYTICS_ANOMALY_CLOSED: {
    status: 409,
    message: (p: { id: string }) => `Anomaly ${p.id} is closed already; its label stands.`,
  },
  ANALYTICS_POINT_UNKNOWN: {
    status: 404,
    message: (p: { pointKey: string }) =>
      `Nothing has been analysed for point ${p.pointKey} yet. Check the key (device/point) and that the device sends.`,
  },
  ANALYTICS_NO_EVIDENCE: {
    status: 404,
    message: (p: { id: string }) => `Anomaly ${p.id} is only suspected; its evidence card is written on confirmation.`,
  },
  ANALYTICS_THREAD: {
    status: 500,
    message: (p: { reason: string }) => `An analysis thread failed: ${p.reason}. The batch is tried again.`,
  },
});
