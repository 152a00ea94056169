import type { Refusal } from './counts.ts';
import type { FrontDeps } from './frontDeps.ts';

/** Accounts for what one connection makes the front keep, against what all may together. */
export class KeptBytes {
  readonly #deps: Pick<FrontDeps, 'kept' | 'limits'>;
  #bytes = 0;
  #isAnonymous = true;

  constructor(deps: Pick<FrontDeps, 'kept' | 'limits'>) {
    this.#deps = deps;
  }

  /** The connection keeps so many bytes now. @returns why it must be closed, or null */
  update(bytes: number): { refusal: Refusal; reason: string } | null {
    if (bytes === this.#bytes) return null;
    const { kept, limits } = this.#deps;
    const grown = bytes > this.#bytes;
    this.#add(bytes - this.#bytes);
    if (!grown) return null;
    if (this.#isAnonymous) {
      if (bytes > 2 * limits.maxControlBytes)
        return { refusal: 'connect-too-large', reason: 'too much before CONNACK' };
      if (kept.anonymousBytes > limits.maxAnonymousBytes)
        return { refusal: 'anonymous-memory', reason: 'too many connections are signing in at once; try again later' };
    }
    return kept.bytes > limits.maxKeptBytes
      ? { refusal: 'memory', reason: 'too many large packets are under way at once; try again later' }
      : null;
  }

  /** The client has signed in. */
  signedIn(): void {
    this.#deps.kept.anonymousBytes -= this.#bytes;
    this.#isAnonymous = false;
  }

  release(): void {
    this.#add(-this.#bytes);
  }

  #add(change: number): void {
    const { kept } = this.#deps;
    this.#bytes += change;
    kept.bytes += change;
    if (this.#isAnonymous) kept.anonymousBytes += change;
  }
}
