/** A bell between a producer and one loop: rung before the loop listens, it is still heard. */
export class Wake {
  #rung = false;
  #listener: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#listener?.();
  }

  /** Resolves at the next ring, or at once if it has rung since it was last heard, or when `signal` aborts. */
  async heard(signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done);
          this.#listener = null;
          resolve();
        };
        this.#listener = done;
        signal.addEventListener('abort', done, { once: true });
      });
    }
    this.#rung = false;
  }
}
