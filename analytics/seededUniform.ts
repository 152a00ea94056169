/**
 * Seeded uniform numbers in [0, 1): the same stream for the same seed. What was trained or drawn from a stream changes
 * with the generator, so it stays as it is.
 *
 * @see mulberry32 by T. Ettinger
 */
export function seededUniform(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers, two uniform ones each (G. Box, M. Muller, Ann. Math. Stat. 29 (1958) 610-611). */
export function normalOf(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
