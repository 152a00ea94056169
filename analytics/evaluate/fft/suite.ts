import { complexDft64, type FftEngine, fastEngine, float64Engine } from '../../dsp/index.ts';
import type { EvaluationRow, Suite } from '../suite.ts';
import { exactDft } from './exactDft.ts';
import { TIMED_SIZE, transformRates } from './transformRates.ts';
import { waveform } from './waveform.ts';

/** Share of a native library's rate that the fast engine has to reach. */
const NATIVE_SHARE = 0.6;
/** The same bar where no native library is found: FFTW ran 90,000–116,000 transforms while fft.js ran 12,600. */
const PLAIN_TIMES = (NATIVE_SHARE * 116_000) / 12_600;

const CASES = {
  float64: { case: 'largest error, float64', reference: 'rounding', bar: '< 1e-9' },
  float32: { case: 'largest error, fast engine', reference: 'rounding', bar: '< 1e-5' },
  speed: {
    case: `rate, ${TIMED_SIZE} points`,
    reference: 'native library, same minute',
    bar: `≥ ${NATIVE_SHARE} × native`,
  },
} as const;

/** Lengths besides the one that is timed: small, odd factors, prime, long. */
const FLOAT64_SIZES = [2, 30, 74, 1000, 2018, TIMED_SIZE, 6000];
const FAST_SIZES = [32, 96, 480, 1000, TIMED_SIZE, 12_000];

/** The transform: exact against a plain sum in both precisions, and its speed beside a native library. */
export const suite: Suite = {
  name: 'fft',
  folder: null,
  cases: Object.values(CASES),
  run: async ({ progress }) => {
    const rows: EvaluationRow[] = [];
    const steps = FLOAT64_SIZES.length + FAST_SIZES.length + 2;
    let done = 0;
    const worst = (engine: FftEngine, sizes: readonly number[]) =>
      Math.max(
        ...sizes.map((size) => {
          progress(done++, steps, `${engine.name}, ${size} points`);
          return error(engine, size);
        }),
      );
    const float64 = Math.max(worst(float64Engine, FLOAT64_SIZES), oddError(2017));
    rows.push(row(CASES.float64, float64, float64 < 1e-9, `even sizes ${FLOAT64_SIZES.join(', ')} real; 2017 complex`));
    const float32 = worst(fastEngine, FAST_SIZES);
    rows.push(row(CASES.float32, float32, float32 < 1e-5, `${fastEngine.name}, sizes ${FAST_SIZES.join(', ')}`));

    progress(done++, steps, 'speed');
    rows.push(await speed());
    return rows;
  },
};

function row(known: (typeof CASES)[keyof typeof CASES], ours: number, met: boolean, note: string): EvaluationRow {
  return { suite: 'fft', ...known, ours, verdict: met ? 'met' : 'missed', note };
}

async function speed(): Promise<EvaluationRow> {
  const { fast: ours, float64: plain, native } = await transformRates();
  const round = (rate: number) => Math.round(rate).toLocaleString('en');
  if (native === null) {
    const times = ours / plain;
    return {
      ...row(CASES.speed, times, times >= PLAIN_TIMES, ''),
      reference: `${round(plain)}/s fft.js, float64`,
      bar: `≥ ${PLAIN_TIMES.toFixed(1)} × fft.js`,
      note: `${round(ours)}/s; no Python with FFTW or scipy was found (FAULTLINE_PYTHON names one), so fft.js stands in by the published ratio`,
    };
  }
  const share = ours / native.perSecond;
  return {
    ...row(CASES.speed, share, share >= NATIVE_SHARE, ''),
    reference: `${round(native.perSecond)}/s ${native.library}`,
    note: `${round(ours)}/s ${fastEngine.name}; fft.js in float64 ${round(plain)}/s; best short slices of one run`,
  };
}

/** Greatest difference from the exact bins, over the largest bin. */
function error(engine: FftEngine, size: number): number {
  const plan = engine.real(size);
  const x = waveform(size);
  plan.time.set(x);
  // The engine's own rounding of its input is not the transform's error.
  const exact = exactDft(Float64Array.from(plan.time));
  plan.forward();
  const packed = Float64Array.from(plan.bins);
  plan.free();
  const nyquist = packed[1]!;
  packed[1] = 0;
  const difference = furthest(packed, exact.subarray(0, size));
  return Math.max(difference, Math.abs(nyquist - exact[size]!) / largest(exact));
}

function oddError(size: number): number {
  const x = waveform(size);
  const data = Float64Array.from({ length: 2 * size }, (_, i) => (i % 2 === 0 ? x[i / 2]! : 0));
  const out = new Float64Array(2 * size);
  complexDft64(size).forward(out, data);
  return furthest(out, exactDft(x));
}

function furthest(actual: Float64Array, exact: Float64Array): number {
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - exact[i]!)), 0) / largest(exact);
}

function largest(values: Float64Array): number {
  return values.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
}
