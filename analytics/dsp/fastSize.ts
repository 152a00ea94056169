/**
 * Largest transform size of at most `count` samples that every engine runs at full speed: a multiple of 64 without
 * prime factors above 5. The few samples left over are not analysed; padding instead would smear every line.
 *
 * @returns 0 when count < 64
 * @example fastSize(16384) // 16384;  fastSize(121_265) // 120_000
 */
export function fastSize(count: number): number {
  return 64 * smoothBelow(count / 64);
}

/** Largest whole number of at most `limit` without prime factors above 5; 0 when the limit is below 1. */
export function smoothBelow(limit: number): number {
  for (let candidate = Math.floor(limit); candidate >= 1; candidate--) {
    let rest = candidate;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return candidate;
  }
  return 0;
}
