import type { DiagnosisFacts, Severity, SeverityZone } from './types.ts';

/** ISO 20816-3:2022, tables A.1 and A.2: zone limits A/B, B/C, C/D, velocity in mm/s RMS, 10–1000 Hz. */
const LIMITS_MM_S = {
  1: { rigid: [2.3, 4.5, 7.1], flexible: [3.5, 7.1, 11.0] },
  2: { rigid: [1.4, 2.8, 4.5], flexible: [2.3, 4.5, 7.1] },
} as const;

/** Clause 1 limits the part to machines above 15 kW running at 120 to 30 000 rpm. */
const SCOPE = { minPowerKw: 15, minRpm: 120, maxRpm: 30_000 } as const;

/**
 * Zone of a broad-band velocity by ISO 20816-3.
 *
 * @param velocityRmsMmS velocity in 10–1000 Hz, mm/s RMS
 * @param facts          power or shaft height choose the group, mounting the table
 * @param speedRpm       shaft speed, or null when unknown
 * @returns null when the part does not cover the machine (15 kW or less, or speed outside 120–30 000 rpm). Where power,
 *   height or mounting is unknown, the stricter limits are taken and `assumed` says so.
 * @remarks Zone A says nothing of a bearing: a small defect hardly moves broad-band velocity.
 * @example severityOf(3, { powerKw: 75, mounting: 'rigid' }, 1480)?.zone // 'C'
 */
export function severityOf(velocityRmsMmS: number, facts: DiagnosisFacts, speedRpm: number | null): Severity | null {
  if (facts.powerKw !== undefined && facts.powerKw <= SCOPE.minPowerKw) return null;
  if (speedRpm !== null && (speedRpm < SCOPE.minRpm || speedRpm > SCOPE.maxRpm)) return null;
  const group = (facts.powerKw ?? 0) > 300 || (facts.shaftHeightMm ?? 0) >= 315 ? 1 : 2;
  const mounting = facts.mounting ?? 'rigid';
  const limitsMmS = LIMITS_MM_S[group][mounting];
  const zone = (['A', 'B', 'C'] as const).find((_, i) => velocityRmsMmS < limitsMmS[i]!) ?? 'D';
  return {
    zone: zone satisfies SeverityZone,
    part: 'ISO 20816-3:2022',
    group,
    mounting,
    limitsMmS,
    assumed: facts.mounting === undefined || (facts.powerKw === undefined && facts.shaftHeightMm === undefined),
  };
}
