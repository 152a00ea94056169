import { viewOf } from '../detectors/baseline.ts';
import type { RegimeBaselines } from '../detectors/state.ts';
import type { BlockAnalysis, QualityFlag } from '../diagnosis/types.ts';
import type { SensorState } from './sensorState.ts';
import { shaftIsWhereDeclared, shaftRateFactor } from './shaftRate.ts';
import type { SeenSign, SensorSign } from './signs.ts';
import { levelFactor } from './unitStep.ts';

export interface BlockSurroundings {
  /** Device time of the first sample, ms. */
  readonly timeMs: number;
  readonly levels: ReadonlyMap<string, number>;
  /** The point's own past in the regime that holds; null when it has none. */
  readonly past: RegimeBaselines | null;
  readonly baselineMinCount: number;
}

/** From this share on a rail the level itself is cut off; a few clipped peaks leave the block worth judging. */
const CLIPPED_SHARE = 0.01;
/** A turning machine this far below its own level in every band, ln, is an open cable: a tenth and less. */
const LOST_LN = Math.log(0.1);
const LOST_G = 0.0005;
/**
 * Share of a block's length after which the next one begins when the true rate is so many times the declared one. Other
 * shares are sloppy clocks or overlapping windows, which harm nobody.
 */
const OVERLAPS = [1 / 2, 1 / 4, 1 / 5, 1 / 10] as const;
const OVERLAP_TOLERANCE = 0.02;
/** Bands must agree on the factor to this, ln, for it to be a unit and no fault. */
const BANDS_AGREE_LN = 0.3;

const FLAG_SIGNS: Partial<Record<QualityFlag, SensorSign>> = {
  'flat-line': 'flat-line',
  'non-finite': 'non-finite',
  'too-short': 'too-short',
  'implausible-sampling-rate': 'sampling-rate',
  'implausible-speed': 'speed',
  dropout: 'dropout',
};

/** What a block says against its sensor, the plainest first. Updates the habits in `state`. Not for a standing machine. */
export function waveformSign(state: SensorState, analysis: BlockAnalysis, around: BlockSurroundings): SeenSign | null {
  const overlap = noteTime(state, analysis, around.timeMs);
  for (const flag of analysis.quality.flags) {
    const sign = FLAG_SIGNS[flag];
    if (sign) return flagged(sign, analysis);
  }
  const { clippedShare } = analysis.quality;
  if (clippedShare >= CLIPPED_SHARE) {
    const share = `${(100 * clippedShare).toFixed(1)} %`;
    return said('clipping', `${share} of the samples on a rail`, `${share} 的采样点削顶`);
  }
  return overlap ?? wrongRate(analysis) ?? wrongLevel(analysis, around);
}

function said(sign: SensorSign, en: string, zh: string): SeenSign {
  return { sign, detail: { en, zh } };
}

function flagged(sign: SensorSign, analysis: BlockAnalysis): SeenSign {
  const { samplingRateHz, sampleCount, quality } = analysis;
  switch (sign) {
    case 'sampling-rate':
      return said(sign, `${samplingRateHz} Hz`, `${samplingRateHz} Hz`);
    case 'too-short':
      return said(sign, `${sampleCount} samples`, `${sampleCount} 点`);
    case 'non-finite':
      return said(sign, `${quality.nonFiniteCount} samples`, `${quality.nonFiniteCount} 点`);
    case 'dropout':
      return said(sign, 'stretches of one value', '存在恒值段');
    default:
      return said(sign, 'as the block shows', '见数据块');
  }
}

function noteTime(state: SensorState, analysis: BlockAnalysis, startMs: number): SeenSign | null {
  const before = state.block;
  const durationMs = (1000 * analysis.sampleCount) / analysis.samplingRateHz;
  state.block = { startMs, endMs: startMs + durationMs };
  if (!before || startMs <= before.startMs) return null;
  const share = (startMs - before.startMs) / (before.endMs - before.startMs);
  if (!OVERLAPS.some((overlap) => Math.abs(share / overlap - 1) < OVERLAP_TOLERANCE)) return null;
  if (shaftIsWhereDeclared(analysis)) return null;
  const seconds = ((startMs - before.startMs) / 1000).toFixed(2);
  const needed = ((before.endMs - before.startMs) / 1000).toFixed(2);
  return said(
    'sampling-rate',
    `a block of ${needed} s was followed by the next after ${seconds} s`,
    `时长 ${needed} s 的数据块仅 ${seconds} s 后即有下一块`,
  );
}

function wrongRate(analysis: BlockAnalysis): SeenSign | null {
  const factor = shaftRateFactor(analysis);
  if (factor === null) return null;
  const hz = Math.round(analysis.samplingRateHz * factor);
  return said(
    'sampling-rate',
    `declared ${analysis.samplingRateHz} Hz; the shaft’s lines lie where ${hz} Hz would put them`,
    `声明 ${analysis.samplingRateHz} Hz；转频谱线位置对应 ${hz} Hz`,
  );
}

/** Levels that jump as one: by a unit's factor, or to nothing while the machine turns. */
function wrongLevel(analysis: BlockAnalysis, { levels, past, baselineMinCount }: BlockSurroundings): SeenSign | null {
  const runs = analysis.speedRpm !== null && analysis.speedRpm > 0;
  const ratios: number[] = [];
  if (past) {
    for (const [name, value] of levels) {
      const baseline = past.features[name];
      const centre = baseline ? (viewOf(baseline, 'log', baselineMinCount)?.centre ?? null) : null;
      if (centre !== null) ratios.push(Math.log(Math.max(value, 1e-12)) - centre);
    }
  }
  if (ratios.length < 2) {
    if (!runs || analysis.unit === 'mm/s') return null;
    const g = analysis.unit === 'g' ? analysis.time.rms : analysis.time.rms / 9.80665;
    return g < LOST_G ? lost(g) : null;
  }
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!;
  const factor = high - low <= 2 * BANDS_AGREE_LN ? levelFactor(middle) : null;
  if (factor !== null) {
    const times = factor >= 1 ? `× ${Number(factor.toPrecision(4))}` : `÷ ${Number((1 / factor).toPrecision(4))}`;
    return said('unit', `every band stepped by ${times}`, `各频带同时跃变 ${times}`);
  }
  return runs && high < LOST_LN ? lost(analysis.time.rms) : null;
}

function lost(level: number): SeenSign {
  const shown = level.toPrecision(2);
  return said('no-signal', `a level of ${shown} at running speed`, `运行转速下有效值仅 ${shown}`);
}
