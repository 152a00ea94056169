import { severityOf } from './iso20816.ts';
import { meshOrders } from './shaftLines.ts';
import type { DiagnosisState } from './state.ts';
import type { DiagnosisFacts, Harmonic, Rejection, ShaftBaseline, ShaftFault } from './types.ts';

export interface ShaftVerdict {
  readonly fault: ShaftFault | null;
  readonly confidence: number;
  readonly harmonics: readonly Harmonic[];
  readonly sidebands: readonly Harmonic[];
  readonly rejected: readonly Rejection[];
  readonly reason: string;
}

/** Growth over the baseline that is no longer a change of load: 2.5 times, that is 8 dB. */
const GROWN = 2.5;
/** A line below this is nothing to a machine, whatever it was before; a quarter of the lowest A/B limit. */
const LEAST_MM_S = 0.35;
/** Blocks of baseline and of evidence below which no shaft fault is named. */
const LEAST_BLOCKS = 3;
/** Line power over its neighbourhood for a line to exist, 10 dB. */
const LINE_SNR = 10;

/** Levels of one order: now, before, and whether it stands out of its neighbourhood. */
interface Level {
  readonly order: number;
  readonly rmsMmS: number;
  readonly grown: boolean;
  readonly line: boolean;
  readonly snr: number;
}

/**
 * Unbalance, misalignment, looseness and gear faults from the velocity of the shaft's lines.
 *
 * Every healthy machine shows some 1× and 2×, so a line accuses only if it has grown 2.5-fold over the baseline; without
 * a baseline only if ISO 20816-3 puts the machine in zone C or D and the line carries most of it. Gear mesh has no such
 * absolute measure and needs a baseline.
 *
 * @remarks O(orders).
 * @see ISO 13373-3:2015, tables of common faults
 */
export function diagnoseShaft(state: DiagnosisState, facts: DiagnosisFacts, baseline?: ShaftBaseline): ShaftVerdict {
  if (state.blocks < LEAST_BLOCKS || state.lines.length === 0) return none('Too few blocks with a speed.');
  const known = baseline !== undefined && baseline.blocks >= LEAST_BLOCKS ? baseline : null;
  const velocity = Math.sqrt(state.velocityMeanSquare);
  const zone = severityOf(velocity, facts, state.speedRpm)?.zone;
  const severe = zone === 'C' || zone === 'D';
  const levels = new Map<number, Level>();
  for (const { order, meanSquare, snr } of state.lines) {
    const rmsMmS = Math.sqrt(meanSquare);
    const before = known?.lines.find((line) => line.order === order)?.rmsMmS;
    const grown = before === undefined ? severe && known === null : rmsMmS >= GROWN * before;
    levels.set(order, { order, rmsMmS, snr, grown: grown && rmsMmS >= LEAST_MM_S, line: snr >= LINE_SNR });
  }
  const accused = (order: number) => {
    const level = levels.get(order);
    return level?.grown === true && level.line;
  };
  const rms = (order: number) => levels.get(order)?.rmsMmS ?? 0;
  const shaftHz = (state.speedRpm ?? 0) / 60;
  const harmonic = (order: number): Harmonic => ({
    order,
    hz: order * shaftHz,
    snrDb: 10 * Math.log10(Math.max(1e-6, levels.get(order)?.snr ?? 0)),
  });
  const basis = known === null ? `zone ${zone} without a baseline` : 'grown over the baseline';
  const name = (fault: ShaftFault, orders: number[], why: string, sidebands: number[] = []): ShaftVerdict => ({
    fault,
    confidence: known === null ? 0.4 : 0.7,
    harmonics: orders.map(harmonic),
    sidebands: sidebands.map(harmonic),
    rejected: [],
    reason: `${why} (${basis}).`,
  });

  if (facts.gearTeeth !== undefined && known !== null) {
    const mesh = facts.gearTeeth;
    const bands = meshOrders(mesh).filter((order) => order !== mesh && gearLineGrown(state, known, order));
    if (bands.length >= 3)
      return name('gear', [mesh], `${bands.length} of 4 shaft sidebands of the gear mesh stand out`, bands);
  }
  const whole = [1, 2, 3, 4, 5, 6, 7, 8].filter(accused);
  const halves = [0.5, 1.5, 2.5, 3.5].filter(accused);
  // Looseness first: it shows 1× and 2× as well, and only it shows halves or a long row of multiples.
  if (whole.length >= 5 || (whole.length >= 2 && halves.length >= 2)) {
    return name(
      'looseness',
      [...halves, ...whole],
      `${whole.length} multiples and ${halves.length} half orders of the shaft stand out`,
    );
  }
  const axial = state.sensorAxis === 'axial';
  const share = (order: number) => (velocity > 0 ? rms(order) / velocity : 0);
  if (accused(2) && (rms(2) >= rms(1) || (axial && rms(2) >= 0.5 * rms(1))) && (known !== null || share(2) >= 0.6)) {
    return name('misalignment', [1, 2, 3], `2× is ${rms(2).toFixed(2)} mm/s beside ${rms(1).toFixed(2)} mm/s at 1×`);
  }
  if (accused(1) && rms(2) < 0.5 * rms(1) && (known !== null || share(1) >= 0.8)) {
    return name('unbalance', [1, 2], `1× is ${rms(1).toFixed(2)} mm/s of ${velocity.toFixed(2)} mm/s in all`);
  }
  return none(
    known === null ? 'No baseline, and no shaft line carries a severe vibration.' : 'No shaft line has grown.',
  );
}

/** Gear lines lie high and carry little velocity, so their growth alone counts, not their level. */
function gearLineGrown(state: DiagnosisState, baseline: ShaftBaseline, order: number): boolean {
  const now = state.lines.find((line) => line.order === order);
  const before = baseline.lines.find((line) => line.order === order);
  if (now === undefined || before === undefined) return false;
  return now.snr >= LINE_SNR && Math.sqrt(now.meanSquare) >= GROWN * before.rmsMmS;
}

function none(reason: string): ShaftVerdict {
  return { fault: null, confidence: 0, harmonics: [], sidebands: [], rejected: [], reason };
}

/** Levels of the shaft's lines to compare later states with; take it while the machine is known to be well. */
export function baselineOf(state: DiagnosisState): ShaftBaseline {
  return {
    blocks: state.blocks,
    lines: state.lines.map(({ order, meanSquare }) => ({ order, rmsMmS: Math.sqrt(meanSquare) })),
  };
}
