import { type Finding, finding } from './finding.ts';
import { SHAFT_HYPOTHESES } from './shaftHypotheses.ts';
import { shaftLevels } from './shaftLevels.ts';
import type { DiagnosisState } from './state.ts';
import type { DiagnosisFacts, Harmonic, Rejection, ShaftBaseline, ShaftFault } from './types.ts';

export interface ShaftVerdict {
  readonly fault: ShaftFault | null;
  readonly confidence: number;
  readonly harmonics: readonly Harmonic[];
  readonly sidebands: readonly Harmonic[];
  readonly rejected: readonly Rejection[];
  /** Signs are there that two faults would explain alike. */
  readonly undecided: boolean;
  readonly reason: readonly Finding[];
}

/** Blocks of evidence below which no shaft fault is named. */
const LEAST_BLOCKS = 3;
const CONFIDENCE = { grown: 0.7, severe: 0.4 } as const;

/**
 * Unbalance, misalignment, looseness, gear and electrical faults from the velocity of the shaft's and the mains' lines.
 *
 * Every healthy machine shows some 1× and 2×, so a line accuses only if it has grown 2.5-fold over the baseline; without
 * a baseline only if ISO 20816-3 puts the machine in zone C or D and the line carries most of it. A gear is accused by
 * sidebands that have grown, or, without a baseline, by sidebands as no sound gear shows.
 *
 * @remarks O(orders).
 * @see ISO 13373-3:2015, tables of common faults
 */
export function diagnoseShaft(state: DiagnosisState, facts: DiagnosisFacts, baseline?: ShaftBaseline): ShaftVerdict {
  if (state.blocks < LEAST_BLOCKS || state.lines.length === 0) return none(finding('too-few-blocks'), []);
  const levels = shaftLevels(state, facts, baseline);
  const tested = SHAFT_HYPOTHESES.map((hypothesis) => hypothesis(levels, facts));
  const named = tested.find(({ proof }) => proof !== null);
  const rejected = tested
    .filter((test) => test !== named)
    .map(({ fault, proof, why }) => ({
      fault,
      reason: proof === null ? why : finding('also-present', { what: [why] }),
    }));
  if (named?.proof) {
    const { harmonics, sidebands } = named.proof;
    const confidence = levels.known === null ? CONFIDENCE.severe : CONFIDENCE.grown;
    const what = named.why;
    const reason = [
      levels.known === null ? finding('named-severe', { what, zone: levels.zone }) : finding('named-grown', { what }),
    ];
    return { fault: named.fault, confidence, harmonics, sidebands, rejected, undecided: false, reason };
  }
  const open = tested.find((test) => test.open === true);
  if (open !== undefined) return { ...none(finding('cannot-tell', { what: open.why }), rejected), undecided: true };
  return none(finding(levels.known === null ? 'no-line-severe' : 'no-line-grown'), rejected);
}

function none(reason: Finding, rejected: readonly Rejection[]): ShaftVerdict {
  return { fault: null, confidence: 0, harmonics: [], sidebands: [], rejected, undecided: false, reason: [reason] };
}

/** Levels of the shaft's lines to compare later states with; take it while the machine is known to be well. */
export function baselineOf(state: DiagnosisState): ShaftBaseline {
  return {
    blocks: state.blocks,
    lines: state.lines.map(({ order, meanSquare }) => ({ order, rmsMmS: Math.sqrt(meanSquare) })),
    electric: (state.electric ?? []).map(({ lineHz, meanSquare }) => ({ lineHz, rmsMmS: Math.sqrt(meanSquare) })),
    highFloor: state.floor ? Math.exp(state.floor.slow) : null,
  };
}
