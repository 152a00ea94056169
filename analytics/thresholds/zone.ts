import type { Severity, SeverityZone } from '../diagnosis/types.ts';
import type { ZoneLimits } from './settingsFor.ts';

/**
 * A severity with the plant's own limits in the place of the standard's, where it has set some.
 *
 * @param severity what the standard says, with its limits; null where it does not cover the machine
 * @returns null without any limit: a plant's own count only when all three are known
 */
export function withOwnLimits(
  severity: Severity | null,
  velocityRmsMmS: number | null,
  own: ZoneLimits,
): Severity | null {
  if (own.every((limit) => limit === null) || velocityRmsMmS === null) return severity;
  const standard = severity?.limitsMmS;
  const [ab, bc, cd] = own.map((limit, i) => limit ?? standard?.[i] ?? null) as [
    number | null,
    number | null,
    number | null,
  ];
  if (ab === null || bc === null || cd === null) return severity;
  // A limit that was set may lie beyond a neighbour that was not.
  const limitsMmS = [ab, Math.max(ab, bc), Math.max(ab, bc, cd)] as const;
  const zone: SeverityZone = (['A', 'B', 'C'] as const).find((_, i) => velocityRmsMmS < limitsMmS[i]!) ?? 'D';
  return {
    zone,
    part: severity ? `${severity.part}, limits set by the plant` : 'limits set by the plant',
    group: severity?.group ?? 2,
    mounting: severity?.mounting ?? 'rigid',
    limitsMmS,
    assumed: false,
  };
}
