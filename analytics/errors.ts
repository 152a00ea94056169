import { defineErrors } from '../platform/index.ts';

export const analyticsErrors = defineErrors({
  ANALYTICS_MODEL_INPUT: {
    status: 422,
    message: (p: { definition: string }) =>
      `The block gives no finite ${p.definition} features (a silent or damaged spectrum); the model was not asked.`,
  },
  ANALYTICS_MODEL_HASH: {
    status: 422,
    message: (p: { name: string; expected: string; found: string }) =>
      `The file of model ${p.name} is not the one its contract describes (SHA-256 ${p.found}, expected ${p.expected}). Send the file that belongs to the contract.`,
  },
  ANALYTICS_MODEL_CONTRACT: {
    status: 422,
    message: (p: { reason: string }) =>
      `The model's contract cannot be used: ${p.reason}. Correct it and send it again.`,
  },
  ANALYTICS_MODEL_OUTPUT: {
    status: 500,
    message: (p: { name: string; rows: number; outputs: number }) =>
      `Model ${p.name} did not answer ${p.rows} rows with ${p.outputs} finite float32 each, as its contract says. Retire it, and look at its inputs.`,
  },
  ANALYTICS_MODEL_UPLOAD: {
    status: 400,
    message: (p: { reason: string }) =>
      `The upload cannot be read: ${p.reason}. Send multipart/form-data with the parts contract (JSON) and model (the .onnx file).`,
  },
  ANALYTICS_MODEL_TOO_LARGE: {
    status: 413,
    message: (p: { limitBytes: number }) => `The model is larger than ${p.limitBytes} bytes. Train a smaller one.`,
  },
  ANALYTICS_MODEL_REFUSED: {
    status: 422,
    message: (p: { reason: string }) => `The model was refused: ${p.reason}. Export it again accordingly.`,
  },
  ANALYTICS_MODEL_EXISTS: {
    status: 409,
    message: (p: { name: string; version: string }) =>
      `There is a model ${p.name} ${p.version} already. A model never changes: give the new file a new version.`,
  },
  ANALYTICS_MODELS_MANY: {
    status: 409,
    message: (p: { most: number }) => `The registry holds ${p.most} versions already, which is the most it takes.`,
  },
  ANALYTICS_MODEL_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no model ${p.id}. GET /api/v1/models lists those there are.`,
  },
  ANALYTICS_MODEL_STAGE: {
    status: 409,
    message: (p: { from: string; to: string }) =>
      `A model in stage "${p.from}" cannot go to "${p.to}". It goes from shadow to live, from either to retired, and from retired or none to shadow.`,
  },
  ANALYTICS_MODEL_NO_PREDECESSOR: {
    status: 409,
    message: (p: { name: string }) =>
      `There is nothing to roll back to: this version of ${p.name} is not live in this scope, or replaced no other. Retire it instead.`,
  },
  ANALYTICS_FIT_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no order ${p.id} to fit a model.`,
  },
  ANALYTICS_FIT_ROWS: {
    status: 409,
    message: (p: { pointKey: string; rows: number; needed: number }) =>
      `Point ${p.pointKey} has ${p.rows} blocks in its baseline; ${p.needed} are needed to fit a model. Wait until it has sent more.`,
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
