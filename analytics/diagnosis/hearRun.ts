import { type EnvelopeRun, isFull } from './envelopeRun.ts';
import { diagnoseRun, LEAST_BLOCKS, runShaftHz } from './runDiagnosis.ts';
import type { Hearing } from './runVerdict.ts';
import type { DiagnosisState } from './state.ts';
import type { DiagnosisFacts } from './types.ts';

/** A growing run is asked at each block. A full one, of which a block renews an eighth, at every fourth. */
const ASKED_EVERY = 4;

/**
 * What the run of a state says, from its memory where that is fresh.
 *
 * @returns null where there is no run, or it is too short to say more than averages do
 * @remarks About 0.2 ms when the run has to be asked.
 */
export function hearRun(state: DiagnosisState, facts: DiagnosisFacts): Hearing | null {
  const run = state.run ?? null;
  const orders = facts.bearingOrders;
  if (run === null || orders === undefined || run.blocks < LEAST_BLOCKS) return null;
  if (isFresh(run)) return run.heard!;
  const shaftHz = state.axis === 'order' ? (state.speedRpm ?? 0) / 60 : runShaftHz(run, orders, facts.ratedRpm);
  return { atBlock: run.blocks, shaftHz, verdict: shaftHz === null ? null : diagnoseRun(run, shaftHz, orders) };
}

/** The state with what its run says noted, so that a stream without end is not heard anew at each block. Pure. */
export function noteRun(state: DiagnosisState, facts: DiagnosisFacts): DiagnosisState {
  if (!state.run || !isFull(state.run) || isFresh(state.run)) return state;
  return { ...state, run: { ...state.run, heard: hearRun(state, facts) ?? undefined } };
}

function isFresh(run: EnvelopeRun): boolean {
  return run.heard !== undefined && isFull(run) && run.blocks - run.heard.atBlock < ASKED_EVERY;
}
