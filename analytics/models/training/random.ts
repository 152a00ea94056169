import { normalOf } from '../../seededUniform.ts';

/** Seeded pseudo-random numbers, so that a training run can be repeated exactly. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Reorders in place. */
  shuffle(list: Int32Array): void;
}

/** @see S. Vigna's splitmix32 variant by T. Ettinger: 32 bits of state, period 2^32 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    normal: normalOf(next),
    between: (low, high) => low + (high - low) * next(),
    shuffle: (list) => {
      for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
    },
  };
}
