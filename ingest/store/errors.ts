import { defineErrors } from '../../platform/index.ts';

export const storeErrors = defineErrors({
  STORE_ROW_REFUSED: {
    status: 422,
    message: (p: { reason: string }) => `The store cannot hold this data: ${p.reason}. Correct it at its source.`,
  },
  STORE_UNAVAILABLE: {
    status: 503,
    message: (p: { reason: string }) =>
      `The store of telemetry does not answer: ${p.reason}. Nothing is lost meanwhile; ask again later.`,
  },
  WAVEFORM_UNKNOWN: {
    status: 404,
    message: (p: { ref: string }) =>
      `No waveform ${p.ref}: it never arrived, or retention removed it. List the stored ones at /api/v1/waveforms.`,
  },
  WAVEFORM_LOST: {
    status: 410,
    message: (p: { ref: string }) =>
      `The samples of waveform ${p.ref} are gone from the object store, where they were put; its header is all that is left. Look at what else deletes there.`,
  },
  WAVEFORM_DAMAGED: {
    status: 502,
    message: (p: { ref: string; why: string }) =>
      `The samples of waveform ${p.ref} are not those that were stored (${p.why}). Bring the object back from a copy of the bucket.`,
  },
  BLOCKS_UNAVAILABLE: {
    status: 503,
    message: (p: { reason: string }) =>
      `The store of waveforms cannot be had just now (${p.reason}). Nothing is lost; try again.`,
  },
  SERIES_NAME: {
    status: 400,
    message: (p: { series: string }) => `"${p.series}" is no series; write it as device/point.`,
  },
  RANGE_ORDER: { status: 400, message: () => 'The range is empty: `from` must lie before `to`.' },
  LEDGER_SPAN: {
    status: 400,
    message: (p: { days: number }) => `Ask for at most ${p.days} days at once: move \`from\` closer to \`to\`.`,
  },
  RANGE_WINDOW: {
    status: 400,
    message: (p: { windows: string; most: number }) =>
      `The range holds ${p.windows} windows, more than ${p.most}: ask for a longer window or a shorter range.`,
  },
  RANGE_POINTS: {
    status: 400,
    message: (p: { points: number; most: number }) =>
      `${p.points} points are asked for at once, more than ${p.most}: ask for fewer series, or for fewer points of each.`,
  },
  LIVE_FULL: {
    status: 503,
    message: () =>
      'This process has as many live streams as it can serve. Close some, or try again later or at another process.',
  },
  EXPORT_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) =>
      `No export ${p.id}: it never was, or it has expired. List them at /api/v1/telemetry/exports.`,
  },
  EXPORT_UNFINISHED: {
    status: 409,
    message: (p: { id: string; status: string }) =>
      `Export ${p.id} is ${p.status}; there is a file only once it is finished. Ask /api/v1/telemetry/exports/${p.id} how far it is.`,
  },
  EXPORT_MANY: {
    status: 409,
    message: (p: { most: number }) =>
      `There are ${p.most} exports already, the most at a time. Remove one at /api/v1/telemetry/exports, or wait until one expires.`,
  },
  EXPORT_SERIES: {
    status: 400,
    message: (p: { series: number; most: number }) =>
      `These are ${p.series} series, more than ${p.most}. Split them over several exports.`,
  },
  CURSOR_INVALID: {
    status: 400,
    message: () => 'The cursor is not one of ours: pass `nextCursor` of the page before.',
  },
  QUARANTINE_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No quarantine entry ${p.id}. List them at /api/v1/quarantine.`,
  },
  QUARANTINE_TRUNCATED: {
    status: 409,
    message: (p: { id: string; size: number }) =>
      `Entry ${p.id} cannot be replayed: its payload of ${p.size} bytes was too large to be kept whole. Have the device send it again.`,
  },
  REPLAY_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No replay ${p.id}. List them at /api/v1/quarantine/replays.`,
  },
  QUARANTINE_SETTLED: {
    status: 409,
    message: (p: { id: string }) => `Entry ${p.id} has nothing left in quarantine; there is nothing to replay.`,
  },
});
