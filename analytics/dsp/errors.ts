import { defineErrors } from '../../platform/pure.ts';

export const dspErrors = defineErrors({
  DSP_LENGTH: {
    status: 422,
    message: (p: { what: string; got: number; want: string }) => `${p.what} has ${p.got} values; give ${p.want}.`,
  },
  DSP_BAND: {
    status: 422,
    message: (p: { lowHz: number; highHz: number; lastHz: number }) =>
      `The band ${p.lowHz}–${p.highHz} Hz is not usable; give finite, ordered edges between 0 and ${p.lastHz} Hz.`,
  },
  DSP_ORDER: {
    status: 422,
    message: (p: { what: string; index: number }) =>
      `${p.what} do not ascend at index ${p.index}; sort them and remove repetitions.`,
  },
  DSP_RATE: {
    status: 422,
    message: (p: { samplingRateHz: number }) =>
      `A sampling rate of ${p.samplingRateHz} Hz is not usable; give a finite rate above 0.`,
  },
});
