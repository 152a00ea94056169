import type { RelationEnds } from './assetGraph.ts';

/** Keys of one graph that are told apart: two of their numbers and a type's fit into 2^53. */
const MOST_KEYS = 2 ** 23;
const MOST_TYPES = 2 ** 7;

/**
 * One number per relation, equal for relations of the same ends and type. Numbers are far cheaper to keep by the hundred
 * thousand than texts that join the three.
 */
export class RelationNumbers {
  readonly #keys = new Map<string, number>();
  readonly #types = new Map<string, number>();

  /** @throws {RangeError} beyond 8 million keys or 128 types */
  of({ from, type, to }: RelationEnds): number {
    const ends = numberIn(this.#keys, from, MOST_KEYS) * MOST_KEYS + numberIn(this.#keys, to, MOST_KEYS);
    return ends * MOST_TYPES + numberIn(this.#types, type, MOST_TYPES);
  }
}

function numberIn(numbers: Map<string, number>, text: string, most: number): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  if (numbers.size === most) throw new RangeError(`more than ${most} different names in one change; divide it`);
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
