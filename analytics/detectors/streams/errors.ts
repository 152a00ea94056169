import { defineErrors } from '../../../platform/pure.ts';

export const streamErrors = defineErrors({
  STREAM_SETTING: {
    status: 422,
    message: (p: { what: string; got: number | string; want: string }) => `${p.what} is ${p.got}; give ${p.want}.`,
  },
  STREAM_BASELINE: {
    status: 422,
    message: (p: { rows: number; wanted: number }) =>
      `A baseline of ${p.rows} complete rows is too short to fit; give at least ${p.wanted} rows of undisturbed running.`,
  },
});
