import { median, toDomain } from './baseline.ts';
import type { Observation, ScoredFeature } from './observation.ts';
import type { DetectorState, RegimeBaselines } from './state.ts';

/** A machine that starts again may be this much louder (ratio) or this many spreads off without being damaged. */
const MAX_STEP_LN = Math.log(1.6);
const MAX_STEP_SPREADS = 12;
/** The new level must stand: between its first and second half it may move this much. */
const STANDS_LN = 0.1;
const STANDS_SPREADS = 2;
const MIN_VALUES = 6;

/** Begins to watch the levels after a restart. */
export function beginProbation(state: DetectorState, left: number): void {
  state.probation = { left, values: {} };
}

/**
 * After a restart levels often stand a little elsewhere: tightened bolts, another batch, a warmer bearing. Such a step is
 * taken for the new normal when it is small, stands still, and nothing else speaks for a fault: no name, no zone C or D,
 * no shape, no model. Anything of that ends the probation at once, and all is judged as ever.
 *
 * @returns whether what deviates shall be held back from the votes for now
 */
export function onProbation(
  state: DetectorState,
  observation: Observation,
  scored: readonly ScoredFeature[],
  regime: RegimeBaselines,
): boolean {
  const { probation } = state;
  if (!probation) return false;
  const isFault =
    observation.diagnosis?.fault != null ||
    observation.zone === 'C' ||
    observation.zone === 'D' ||
    scored.some((feature) => feature.speaks && feature.group !== 'level' && feature.group !== 'reading') ||
    scored.some((feature) => feature.speaks && !isSmallStep(feature));
  if (isFault) {
    state.probation = null;
    return false;
  }
  for (const { name, value, scale, z } of scored) {
    if (z === null) continue;
    const values = probation.values[name] ?? [];
    values.push(Number(toDomain(value, scale).toPrecision(5)));
    probation.values[name] = values;
  }
  probation.left -= 1;
  if (probation.left <= 0) {
    adopt(probation.values, scored, regime);
    state.probation = null;
  }
  return true;
}

function isSmallStep({ scale, shift, z }: ScoredFeature): boolean {
  return scale === 'log' ? Math.abs(shift ?? 0) <= MAX_STEP_LN : Math.abs(z ?? 0) <= MAX_STEP_SPREADS;
}

/** Moves each baseline to where its feature stands now; what is still moving keeps its old one. */
function adopt(
  values: Readonly<Record<string, number[]>>,
  scored: readonly ScoredFeature[],
  regime: RegimeBaselines,
): void {
  for (const feature of scored) {
    const baseline = regime.features[feature.name];
    const seen = values[feature.name];
    if (!baseline || !seen || seen.length < MIN_VALUES || feature.z === null || feature.shift === null) continue;
    const half = seen.length >> 1;
    const spread = feature.z === 0 ? 0 : feature.shift / feature.z;
    const stands = feature.scale === 'log' ? STANDS_LN : STANDS_SPREADS * spread;
    if (Math.abs(median(seen.slice(half)) - median(seen.slice(0, half))) > stands) continue;
    const centre = toDomain(feature.value, feature.scale) - feature.shift;
    const step = median(seen) - centre;
    const limit = feature.scale === 'log' ? MAX_STEP_LN : MAX_STEP_SPREADS * spread;
    if (Math.abs(step) <= spread || Math.abs(step) > limit) continue;
    baseline.kept = baseline.kept.map((value) => Number((value + step).toPrecision(5)));
    if (baseline.anchor !== null) baseline.anchor = Number((baseline.anchor + step).toPrecision(5));
  }
}
