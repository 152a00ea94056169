const MS = 1_000_000n;
const SECOND = 1_000n * MS;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Lengths that people read easily and that rollups of a minute or an hour divide. */
const NICE: readonly bigint[] = [
  ...[1n, 2n, 5n, 10n, 20n, 50n, 100n, 200n, 500n].map((n) => n * MS),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * SECOND),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * MINUTE),
  ...[1n, 2n, 3n, 6n, 12n].map((n) => n * HOUR),
  ...[1n, 2n, 7n, 14n, 28n].map((n) => n * DAY),
];

/**
 * The shortest window, in whole nanoseconds, of which at most `most` touch the span, whatever its border: a readable
 * length where one is not much longer, so that stores with rollups can answer from them and two views share windows.
 *
 * @param fromNs inclusive
 * @param toNs   exclusive; greater than `fromNs`
 * @param most   at least 2
 * @example windowFor(0n, 3_600_000_000_000n, 61) // 60_000_000_000n, a minute
 */
export function windowFor(fromNs: bigint, toNs: bigint, most: number): bigint {
  // A span that begins inside a window touches one more than it is long.
  const shortest = (toNs - fromNs + BigInt(most) - 2n) / BigInt(most - 1);
  const exact = shortest > 1n ? shortest : 1n;
  const nice = NICE.find((length) => length >= exact);
  // Below a minute no rollup is at stake: halving the detail for a round number would not be worth it.
  if (nice !== undefined && (exact > 30n * SECOND || nice * 4n <= exact * 5n)) return nice;
  return exact;
}

/** How many windows of a length touch a span. */
export function windowsIn(fromNs: bigint, toNs: bigint, windowNs: bigint): number {
  return Number((toNs - 1n) / windowNs - fromNs / windowNs) + 1;
}
