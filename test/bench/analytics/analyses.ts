import { z } from 'zod';
import { analyseBlock, type DiagnosisFacts, type WaveformBlock } from '../../../analytics/diagnosis/index.ts';
import {
  envelopePlan,
  type FftEngine,
  fastEngine,
  float64Engine,
  timeFeatures,
  welchPlan,
} from '../../../analytics/dsp/index.ts';
import { bestRate } from '../../../analytics/evaluate/fft/bestRate.ts';
import { pythonAnswer } from '../../../analytics/evaluate/pythonAnswer.ts';
import type { BenchRow } from '../row.ts';
import { judge, point, RATE_HZ } from './judge.ts';

const FACTS: DiagnosisFacts = {
  bearingOrders: { bpfo: 3.5848, bpfi: 5.4152, ftf: 0.3983, bsf: 2.3567 },
  powerKw: 75,
  mounting: 'rigid',
};
/** Analyses a second and core that each size must reach: seven times what scipy did on two cores of this kind. */
const GOALS: Readonly<Record<number, number>> = { 4096: 8000, 16384: 2500, 65536: 550 };
const WARM_SLICES = 10;
const SLICES = 120;

/** Noise with the impacts of an outer-race fault, so that the diagnosis goes through every test that convicts. */
export function faultyBlocks(size: number, count = 8): WaveformBlock[] {
  let state = 1;
  const noise = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 1_073_741_823.5 - 1;
  };
  const period = RATE_HZ / (3.5848 * (1772 / 60));
  return Array.from({ length: count }, () => {
    const samples = Float32Array.from({ length: size }, (_, i) => {
      const age = i % period;
      return 0.3 * noise() + Math.exp(-age / 12) * Math.sin(1.7 * age);
    });
    return { samples, samplingRateHz: RATE_HZ, unit: 'g' as const, speedRpm: 1772 };
  });
}

interface Rate {
  /** Over the whole run, by the processor's own account: neighbours on the machine do not count. */
  perCpuSecond: number;
  /** By the clock, in the least disturbed slice. */
  bestSlice: number;
}

/** Severity, Welch, both envelopes, diagnosis and detectors, as a live block goes through them. */
function analysesPerSecond(engine: FftEngine, size: number): Rate {
  const input = faultyBlocks(size);
  const memory = point('bench/drive-end');
  let done = 0;
  const analyse = () => {
    const block = input[done % input.length]!;
    judge(memory, block, analyseBlock(block, FACTS, engine), done);
    done++;
  };
  bestRate(analyse, WARM_SLICES);
  done = 0;
  const before = process.cpuUsage();
  const bestSlice = bestRate(analyse, SLICES);
  const { user, system } = process.cpuUsage(before);
  return { perCpuSecond: (done * 1e6) / (user + system), bestSlice };
}

/** Microseconds of the stages, each alone and warm; their sum is below the whole, which also moves data between them. */
function stages(size: number): string[] {
  const block = faultyBlocks(size, 1)[0]!;
  const forward = fastEngine.real(size);
  const segment = Math.min(2048, size / 2);
  const welch = welchPlan(fastEngine, segment);
  const envelope = envelopePlan(fastEngine, size);
  const analysis = analyseBlock(block, FACTS);
  const memory = point('bench/stages');
  let n = 0;
  const parts: Record<string, () => void> = {
    'time features': () => timeFeatures(block.samples),
    'load and forward FFT': () => {
      forward.time.set(block.samples);
      forward.forward();
    },
    [`Welch (segments of ${segment})`]: () => welch.estimate(block.samples, RATE_HZ),
    'both envelopes': () => envelope.compute(forward.bins, 820),
    'whole analyseBlock': () => analyseBlock(block, FACTS),
    'accumulate, diagnose, detect': () => judge(memory, block, analysis, n++),
  };
  return Object.entries(parts).map(([name, run]) => `${name}: ${(1e6 / bestRate(run, 20)).toFixed(0)} µs`);
}

/** What `analysis.py` prints. */
const scipyAnswer = z.object({ perSecond: z.number().positive(), scipy: z.string() });

/** Full analyses of blocks of one size a second on one core. */
export async function analyses(size: number): Promise<BenchRow> {
  const { perCpuSecond: value, bestSlice } = analysesPerSecond(fastEngine, size);
  const breakdown = stages(size);
  const scipy = await pythonAnswer(new URL('analysis.py', import.meta.url), [String(size)], scipyAnswer);
  const referenceValue = scipy?.perSecond ?? analysesPerSecond(float64Engine, size).perCpuSecond;
  const reference =
    scipy === null
      ? 'the same in our float64 path (fft.js), since no Python with scipy was found; name one in FAULTLINE_PYTHON'
      : `the same without detectors in scipy ${scipy.scipy}, one thread`;
  return {
    name: `analysis-${size / 1024}k`,
    value,
    unit: 'analyses/s/core',
    better: 'higher',
    goal: GOALS[size]!,
    reference,
    referenceValue,
    ratio: value / referenceValue,
    breakdown: [
      `engine ${fastEngine.name}; by CPU time; in the best slice ${Math.round(bestSlice)} (${(bestSlice / referenceValue).toFixed(2)} ×)`,
      ...breakdown,
    ],
  };
}
