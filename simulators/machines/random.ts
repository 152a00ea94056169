/** Seeds from any mix of texts and numbers (FNV-1a, then a finalising mix), so that each stream is its own. */
function seedOf(parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join('\u0000')) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * A reproducible stream of random numbers: the same seed parts give the same stream on every machine.
 *
 * @see C. Doty-Humphrey, PractRand: the sfc32 generator
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal = 0;
  #hasSpare = false;

  constructor(...seedParts: readonly (string | number)[]) {
    this.#a = seedOf(seedParts);
    this.#b = seedOf([...seedParts, 'b']);
    this.#c = seedOf([...seedParts, 'c']);
    for (let warmUp = 0; warmUp < 12; warmUp++) this.uint32();
  }

  /** An integer in [0, 2³²). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.uint32() * 2 ** -32;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** One of the given things. */
  pick<T>(things: readonly T[]): T {
    return things[Math.floor(this.uniform() * things.length)]!;
  }

  /** A normal deviate of mean 0 and deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spareNormal;
    }
    let u: number;
    let v: number;
    let radius: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      radius = u * u + v * v;
    } while (radius >= 1 || radius === 0);
    const scale = Math.sqrt((-2 * Math.log(radius)) / radius);
    this.#spareNormal = v * scale;
    this.#hasSpare = true;
    return u * scale;
  }
}
