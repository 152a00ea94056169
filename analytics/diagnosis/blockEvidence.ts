import { BEARING_FAULTS, defectOrder } from './bearing.ts';
import type { BearingOrders, FaultEvidence, Spectrum } from './types.ts';

/** Speed error and slip that a single block's search allows for. */
const SEARCH = 0.012;
const HARMONICS = 3;

/**
 * Score of each bearing fault in one block's whitened envelope: three harmonics on one common scale.
 *
 * @returns empty without geometry; a fault whose third harmonic lies beyond the spectrum is left out
 * @remarks O(faults · search steps). For the eye and the trend: conviction is `diagnose`'s, on many blocks.
 */
export function blockEvidence(envelope: Spectrum, shaftHz: number, orders?: BearingOrders): FaultEvidence[] {
  if (orders === undefined) return [];
  const evidence: FaultEvidence[] = [];
  const { step, values } = envelope;
  for (const fault of BEARING_FAULTS) {
    const hz = defectOrder(fault, orders) * shaftHz;
    if ((HARMONICS * hz * (1 + SEARCH)) / step + 2 > values.length) continue;
    const stride = Math.min(SEARCH, step / (2 * HARMONICS * hz));
    let best = Number.NEGATIVE_INFINITY;
    let bestScale = 1;
    for (let shift = -SEARCH; shift <= SEARCH; shift += stride) {
      let product = 1;
      for (let h = 1; h <= HARMONICS; h++) product *= values[Math.round((h * hz * (1 + shift)) / step)]!;
      if (product > best) {
        best = product;
        bestScale = 1 + shift;
      }
    }
    const harmonics = [1, 2, 3].map((h) => {
      const bin = Math.round((h * hz * bestScale) / step);
      return { order: (bin * step) / shaftHz, hz: bin * step, snrDb: decibels(values[bin]!) };
    });
    evidence.push({ fault, harmonics, scoreDb: decibels(best) / HARMONICS });
  }
  return evidence;
}

function decibels(power: number): number {
  return 10 * Math.log10(Math.max(power, 1e-6));
}
