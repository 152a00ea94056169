import { hearRun } from './hearRun.ts';
import { runSpectrum } from './runSpectrum.ts';
import { cellStep, type DiagnosisState } from './state.ts';
import type { DiagnosisFacts, Spectrum } from './types.ts';

/** Shaft orders of a run that are worth drawing, and their floor's width. */
const SPAN_ORDERS = 40;
const FLOOR_ORDERS = 2;

/**
 * The envelope spectrum that a verdict rests on: that of the whole run where the run named the fault, else the average
 * of the remembered blocks. A picture of one block alone would not show what many blocks together proved.
 *
 * @returns power over the local noise floor (1 = floor) against Hz of the reported speed; null before the first block
 * @remarks Costs the transform of the run, some tenths of a millisecond; meant for pictures, not for every block.
 */
export function heardEnvelope(state: DiagnosisState, facts: DiagnosisFacts): Spectrum | null {
  if (state.blocks === 0) return null;
  const heard = hearRun(state, facts);
  if (state.run && heard?.shaftHz && heard.verdict?.fault) {
    const { binHz, power } = runSpectrum(state.run, SPAN_ORDERS * heard.shaftHz, FLOOR_ORDERS * heard.shaftHz);
    return { step: binHz, values: power };
  }
  const unitHz = state.axis === 'order' ? (state.speedRpm ?? 0) / 60 : 1;
  return { step: cellStep(state) * unitHz, values: state.whitened };
}
