const WRAP = 256;

/** Follows `seq`, 0 to 255 and round again, which an edge node counts over all messages of itself and its devices. */
export class SequenceWatch {
  #next: number | null = null;
  readonly #ahead = new Set<number>();

  /** Messages have come beyond one that has not. */
  get gap(): boolean {
    return this.#ahead.size > 0;
  }

  /** A birth begins again, at whatever it says. */
  born(seq: bigint | null): void {
    this.#ahead.clear();
    this.#next = seq === null ? null : (Number(seq & 0xffn) + 1) % WRAP;
  }

  take(seq: bigint | null): void {
    if (seq === null) return;
    const number = Number(seq & 0xffn);
    if (this.#next === null) this.#next = (number + 1) % WRAP;
    else if (number !== this.#next) this.#ahead.add(number);
    else {
      do {
        this.#ahead.delete(this.#next);
        this.#next = (this.#next + 1) % WRAP;
      } while (this.#ahead.has(this.#next));
    }
  }

  /** What is missing will not come: count from the next message on. */
  giveUp(): void {
    this.#ahead.clear();
    this.#next = null;
  }
}
