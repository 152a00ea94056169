import { severityOf } from './iso20816.ts';
import type { DiagnosisState, StateElectric } from './state.ts';
import type { DiagnosisFacts, Harmonic, ShaftBaseline } from './types.ts';

/** Growth over the baseline that is no longer a change of load: 2.5 times, that is 8 dB. */
export const GROWN = 2.5;
/** A line below this is nothing to a machine, whatever it was before; a quarter of the lowest A/B limit. */
const LEAST_MM_S = 0.35;
/** Line power over its neighbourhood for a line to exist, 10 dB. */
export const LINE_SNR = 10;
const LEAST_BLOCKS = 3;

/** The shaft's lines of a memory beside their past, ready for the hypotheses. */
export interface ShaftLevels {
  readonly state: DiagnosisState;
  readonly known: ShaftBaseline | null;
  readonly velocityMmS: number;
  readonly zone: string | null;
  /** ISO zone C or D: without a baseline only then a line accuses. */
  readonly severe: boolean;
  /** Times the baseline of the high-frequency noise; 1 where it is not known. */
  readonly noiseGrowth: number;
  rms(order: number): number;
  snr(order: number): number;
  /** Times its own baseline; null where there is none. */
  growth(order: number): number | null;
  /** The line stands out, is no trifle, and has grown, or carries a severe vibration. */
  accused(order: number): boolean;
  /** The share of the broad-band velocity that a line carries. */
  share(order: number): number;
  harmonic(order: number): Harmonic;
  electric(line: StateElectric): { rmsMmS: number; growth: number | null; accused: boolean };
}

export function shaftLevels(state: DiagnosisState, facts: DiagnosisFacts, baseline?: ShaftBaseline): ShaftLevels {
  const known = baseline !== undefined && baseline.blocks >= LEAST_BLOCKS ? baseline : null;
  const velocityMmS = Math.sqrt(state.velocityMeanSquare);
  const zone = severityOf(velocityMmS, facts, state.speedRpm)?.zone ?? null;
  const severe = zone === 'C' || zone === 'D';
  const now = new Map(state.lines.map((line) => [line.order, line]));
  const before = new Map((known?.lines ?? []).map((line) => [line.order, line.rmsMmS]));
  const shaftHz = (state.speedRpm ?? 0) / 60;
  const rms = (order: number) => Math.sqrt(now.get(order)?.meanSquare ?? 0);
  const snr = (order: number) => now.get(order)?.snr ?? 0;
  const growthOver = (level: number, past: number | undefined) =>
    past === undefined ? null : level / Math.max(past, 1e-9);
  const growth = (order: number) => growthOver(rms(order), before.get(order));
  const hasGrown = (times: number | null) => (known === null ? severe : times !== null && times >= GROWN);
  return {
    ...{ state, known, velocityMmS, zone, severe, rms, snr, growth },
    noiseGrowth: state.floor && known?.highFloor ? Math.exp(state.floor.quick) / known.highFloor : 1,
    accused: (order) => snr(order) >= LINE_SNR && rms(order) >= LEAST_MM_S && hasGrown(growth(order)),
    share: (order) => (velocityMmS > 0 ? rms(order) / velocityMmS : 0),
    harmonic: (order) => ({ order, hz: order * shaftHz, snrDb: 10 * Math.log10(Math.max(1e-6, snr(order))) }),
    electric: (line) => {
      const rmsMmS = Math.sqrt(line.meanSquare);
      const times = growthOver(rmsMmS, known?.electric?.find(({ lineHz }) => lineHz === line.lineHz)?.rmsMmS);
      return {
        rmsMmS,
        growth: times,
        accused: line.snr >= LINE_SNR && rmsMmS >= LEAST_MM_S && hasGrown(times),
      };
    },
  };
}
