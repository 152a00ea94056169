/** Work that brings something up to date. Those who ask for it at the same time share it. */
export class Renewal {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Ends when what is under way does, be it begun before. */
  shared(): Promise<void> {
    return this.#running ?? this.#begin();
  }

  /** Begins after the call: what was committed before is known then. */
  anew(): Promise<void> {
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running
      .catch(() => undefined) // told to those who asked for that one
      .then(() => {
        this.#next = null;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#running = this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
