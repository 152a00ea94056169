import type { Severity, SeverityZone } from '../diagnosis/types.ts';
import type { ZoneLimits } from './settingsFor.ts';

type Limits = Severity['limitsMmS'];

export function zoneWithin(velocityRmsMmS: number, limitsMmS: Limits): SeverityZone {
  return (['A', 'B', 'C'] as const).find((_, i) => velocityRmsMmS < limitsMmS[i]!) ?? 'D';
}

/**
 * The plant's own limits in the place of the standard's, one by one.
 *
 * @returns null where the plant has set none, or too few for a machine that the standard does not cover
 */
export function ownLimits(standard: Limits | null, own: ZoneLimits): Limits | null {
  if (own.every((limit) => limit === null)) return null;
  const [ab, bc, cd] = own.map((limit, i) => limit ?? standard?.[i] ?? null);
  if (ab == null || bc == null || cd == null) return null;
  // A limit that was set may lie beyond a neighbour that was not.
  return [ab, Math.max(ab, bc), Math.max(ab, bc, cd)];
}

/** A severity under the plant's own limits, as it is where there are none. */
export function withOwnLimits(
  severity: Severity | null,
  velocityRmsMmS: number | null,
  own: ZoneLimits,
): Severity | null {
  const limitsMmS = ownLimits(severity?.limitsMmS ?? null, own);
  if (limitsMmS === null || velocityRmsMmS === null) return severity;
  return {
    zone: zoneWithin(velocityRmsMmS, limitsMmS),
    part: severity ? `${severity.part}, limits set by the plant` : 'limits set by the plant',
    table: severity?.table ?? 'plant',
    group: severity?.group ?? null,
    mounting: severity?.mounting ?? null,
    limitsMmS,
    assumed: false,
  };
}
