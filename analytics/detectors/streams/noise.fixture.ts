import { normalOf, seededUniform } from '../../seededUniform.ts';

/** Seeded normal numbers with mean 0 and deviation 1. */
export function normal(seed: number): () => number {
  return normalOf(seededUniform(seed));
}
