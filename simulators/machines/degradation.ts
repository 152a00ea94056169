/** How a defect grows: nothing before its onset, then faster and faster until the machine must be stopped. */
export interface Degradation {
  onsetHours: number;
  /** From onset to severity 1. */
  lifeHours: number;
  /** How late the growth comes: 0 is a straight line, 4 a defect that stays small for most of its life. */
  steepness: number;
}

/**
 * Severity of a growing defect, 0 … 1.
 *
 * @example severityAt({ onsetHours: 10, lifeHours: 20, steepness: 0 }, 20) // 0.5
 */
export function severityAt({ onsetHours, lifeHours, steepness }: Degradation, atHours: number): number {
  const grown = Math.min(1, Math.max(0, (atHours - onsetHours) / lifeHours));
  if (steepness === 0) return grown;
  return Math.expm1(steepness * grown) / Math.expm1(steepness);
}
