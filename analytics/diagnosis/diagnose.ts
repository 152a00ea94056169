import { BEARING_FAULTS } from './bearing.ts';
import { diagnoseBearing, threshold } from './bearingDiagnosis.ts';
import type { BearingVerdict } from './bearingVerdict.ts';
import { type Finding, finding } from './finding.ts';
import { hearRun } from './hearRun.ts';
import { judgeLubrication } from './lubrication.ts';
import { orderSpectrum } from './orderSpectrum.ts';
import type { RunVerdict } from './runVerdict.ts';
import { diagnoseShaft } from './shaftDiagnosis.ts';
import { estimateShaftHz } from './speedEstimate.ts';
import { cellStep, type DiagnosisState } from './state.ts';
import type { BearingOrders, Diagnosis, DiagnosisFacts, ShaftBaseline } from './types.ts';

/** Trust left where the speed is read from the envelope: another bearing at another speed could draw the same lines. */
const UNKNOWN_SPEED = 0.6;
const RATED_SPEED = 0.8;
/** Confidence from which averages are believed of an inner race that the run does not prove. */
const CLEAR = 0.65;
/** Or: blocks from which averages are averages, and the share of its own limit that the run then has to reach. */
const BLOCKS_OF_AVERAGES = 3;
const HALF_PROVEN = 0.5;
const PROVEN = 0.5;

/**
 * Names the fault that the remembered blocks prove, or says why none is named.
 *
 * @param state    memory of one measuring point, see `accumulate`
 * @param facts    geometry and nameplate; without bearing orders no bearing fault can be named
 * @param baseline shaft lines of the healthy machine, see `baselineOf`; without it shaft faults need zone C or D
 * @returns `cannotTell` is true where data or facts do not suffice: silence is then no bill of health
 * @remarks O(cells), some tens of microseconds. Pure.
 * @example diagnose(blocks.reduce((s, b) => accumulate(s, analyseBlock(b, facts)), emptyState()), facts).fault
 */
export function diagnose(state: DiagnosisState, facts: DiagnosisFacts, baseline?: ShaftBaseline): Diagnosis {
  if (state.blocks === 0) {
    return {
      fault: null,
      confidence: 0,
      harmonics: [],
      sidebands: [],
      rejected: [],
      cannotTell: true,
      reason: [finding(state.refused > 0 ? 'no-usable-block' : 'no-block')],
      blocks: 0,
    };
  }
  const bearing = bearingVerdict(state, facts);
  const shaft = diagnoseShaft(state, facts, baseline);
  const lubrication = judgeLubrication(state, baseline, bearing.fault !== null || bearing.undecided);
  const thinFilm = { fault: 'lubrication' as const, reason: lubrication.reason };
  const all = [...bearing.rejected, ...shaft.rejected];
  // A bearing's blows modulate what they can; a gear's growth is no rival to a comb that is proven.
  const bearingLeads = bearing.confidence >= (shaft.fault === 'gear' ? PROVEN : shaft.confidence);
  const verdict = bearing.fault !== null && bearingLeads ? bearing : shaft;
  if (verdict.fault !== null) {
    const other = verdict === bearing ? shaft : bearing;
    const also =
      other.fault === null ? [] : [{ fault: other.fault, reason: finding('also-present', { what: other.reason }) }];
    const { fault, confidence, harmonics, sidebands, reason } = verdict;
    const rejected = [...also, ...all.filter((rejection) => rejection.fault !== fault), thinFilm];
    return { fault, confidence, harmonics, sidebands, rejected, cannotTell: false, reason, blocks: state.blocks };
  }
  if (lubrication.found && !shaft.undecided) {
    const { confidence } = lubrication;
    const lines = { harmonics: [], sidebands: [] };
    return {
      fault: 'lubrication',
      confidence,
      ...lines,
      rejected: all,
      cannotTell: false,
      reason: [lubrication.reason],
      blocks: state.blocks,
    };
  }
  return {
    fault: null,
    confidence: 0,
    harmonics: [],
    sidebands: [],
    rejected: [...all, thinFilm],
    cannotTell: bearing.undecided || shaft.undecided || lubrication.undecided,
    reason: [...bearing.reason, ...shaft.reason, ...(lubrication.undecided ? [lubrication.reason] : [])],
    blocks: state.blocks,
  };
}

function bearingVerdict(state: DiagnosisState, facts: DiagnosisFacts): BearingVerdict {
  const orders = facts.bearingOrders;
  if (orders === undefined) return unknown(finding('geometry-unknown'));
  const { whitened, levelled, resolution, weight } = state;
  const step = cellStep(state);
  const heard = hearRun(state, facts);
  if (state.axis === 'order') {
    const shaftHz = (state.speedRpm ?? 0) / 60;
    const averages = diagnoseBearing({ whitened, levelled, step, resolution, weight, shaftHz }, orders);
    return agreed(heard?.verdict ?? null, averages, state.blocks);
  }
  const shaftHz = heard === null ? speedOf(state, orders, facts.ratedRpm) : heard.shaftHz;
  if (shaftHz === null) return unknown(finding('speed-unknown'));
  const scaled = { whitened, levelled, step: step / shaftHz, resolution: resolution / shaftHz, weight, shaftHz };
  const verdict = agreed(heard?.verdict ?? null, diagnoseBearing(scaled, orders), state.blocks);
  const confidence = verdict.confidence * (facts.ratedRpm === undefined ? UNKNOWN_SPEED : RATED_SPEED);
  return { ...verdict, confidence, reason: [...verdict.reason, finding('speed-estimated', { rpm: 60 * shaftHz })] };
}

/**
 * The run's word where it has one; the averages' where the run, which sees more, does not speak for another fault. Weak
 * inner-race lines are a damaged ball's first marks, and averages cannot place the cage's rate: there the run must agree.
 */
function agreed(run: RunVerdict | null, averages: BearingVerdict, blocks: number): BearingVerdict {
  if (run === null || run.fault === averages.fault) return run?.fault ? run : averages;
  if (run.fault !== null || averages.byCageRate === true) return run;
  const bornOut = averages.confidence >= CLEAR || (blocks >= BLOCKS_OF_AVERAGES && run.share >= HALF_PROVEN);
  if (averages.fault === 'inner' && !bornOut) return run;
  return run.leaning === null || run.leaning === averages.fault ? averages : run;
}

function speedOf(state: DiagnosisState, orders: BearingOrders, ratedRpm: number | undefined): number | null {
  // On an axis of Hz there are no shaft orders yet, so none is excluded: the scale puts the first beyond the axis.
  const prepare = (power: Float32Array) => orderSpectrum(power, cellStep(state), state.resolution, 1e9, power.length);
  return estimateShaftHz(prepare(state.whitened), prepare(state.levelled), orders, ratedRpm, threshold(state.weight));
}

function unknown(reason: Finding): BearingVerdict {
  const rejected = BEARING_FAULTS.map((fault) => ({ fault, reason }));
  return { fault: null, confidence: 0, harmonics: [], sidebands: [], rejected, undecided: true, reason: [reason] };
}
