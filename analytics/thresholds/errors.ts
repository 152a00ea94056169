import { defineErrors } from '../../platform/pure.ts';

export const thresholdErrors = defineErrors({
  THRESHOLD_REPLAY_FAILED: {
    status: 500,
    message: (p: { reason: string }) => `The replay failed: ${p.reason}. Try a shorter span or fewer points.`,
  },
  THRESHOLD_NO_HISTORY: {
    status: 422,
    message: (p: { what: string }) =>
      `There is no stored history of ${p.what} in this span. GET /api/v1/points/{device}/{point}/thresholds says since when a point has one.`,
  },
  THRESHOLD_TOO_MUCH: {
    status: 422,
    message: (p: { observations: number; limit: number }) =>
      `That is ${p.observations} observations; at most ${p.limit} are replayed at once. Shorten the span, or name fewer points.`,
  },
  THRESHOLD_RUN_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no simulation ${p.id}, or it has expired. Ask for it again.`,
  },
  THRESHOLD_CHANGE_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no change ${p.id}. GET /api/v1/thresholds/changes lists them.`,
  },
  THRESHOLD_CHANGE_SETTLED: {
    status: 409,
    message: (p: { status: string; by: string; at: string }) =>
      `This change was ${p.status} by ${p.by} at ${p.at}. Propose another one.`,
  },
  THRESHOLD_CONFLICT: {
    status: 409,
    message: (p: { setting: string; by: string; at: string; value: string }) =>
      `${p.setting} was changed meanwhile: ${p.by} set it to ${p.value} at ${p.at}. Look at that change, and propose yours anew if it is still wanted.`,
  },
  THRESHOLD_NO_CHANGE: {
    status: 422,
    message: (p: { setting: string }) => `${p.setting} has that value there already: nothing would change.`,
  },
  THRESHOLD_SIMULATION_NEEDED: {
    status: 422,
    message: (p: { reason: string }) =>
      `A change is applied on a finished simulation of exactly its own values: ${p.reason}. POST /api/v1/thresholds/simulate with the same edits, then apply with its id.`,
  },
  THRESHOLD_NOT_APPLIED: {
    status: 409,
    message: (p: { status: string }) => `Only an applied change can be taken back; this one is ${p.status}.`,
  },
});
