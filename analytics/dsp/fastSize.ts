/**
 * Largest transform size of at most `count` samples that every engine runs at full speed: a multiple of 64 without
 * prime factors above 5. The few samples left over are not analysed; padding instead would smear every line.
 *
 * @returns 0 when count < 64
 * @example fastSize(16384) // 16384;  fastSize(121_265) // 120_000
 */
export function fastSize(count: number): number {
  for (let units = Math.floor(count / 64); units >= 1; units--) {
    let rest = units;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return units * 64;
  }
  return 0;
}
