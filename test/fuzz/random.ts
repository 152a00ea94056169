/** A stream of numbers that a seed repeats (xorshift32 with a Weyl sequence): what one run found, another finds again. */
export class Random {
  #state: number;
  #weyl = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    this.#weyl = (this.#weyl + 0x9e3779b9) >>> 0;
    return ((this.#state + this.#weyl) >>> 0) % below;
  }

  chance(one: number): boolean {
    return this.below(one) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(most + 1) }, () => this.below(256)));
  }
}
