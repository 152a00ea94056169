/**
 * Collects what is asked for one by one and asks for all of it at once: fields of all items of a list are resolved before
 * anything that they wait for goes on, so one question answers a whole level of an answer. What was asked once is kept.
 */
export class Batch<Key, Value> {
  readonly #load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;
  readonly #asked = new Map<Key, Promise<Value | null>>();
  #waiting: Key[] = [];
  #answer: Promise<ReadonlyMap<Key, Value>> | null = null;

  /** @param load answers all keys; those that are missing in its answer are null */
  constructor(load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>) {
    this.#load = load;
  }

  of(key: Key): Promise<Value | null> {
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    this.#waiting.push(key);
    this.#answer ??= new Promise((resolve, reject) => {
      // After the promises that are settled by now: they may ask for more.
      setImmediate(() => {
        const keys = this.#waiting;
        this.#waiting = [];
        this.#answer = null;
        this.#load(keys).then(resolve, reject);
      });
    });
    const value = this.#answer.then((answers) => answers.get(key) ?? null);
    this.#asked.set(key, value);
    return value;
  }

  /** Tells what is known already, so that it need not be asked for. */
  know(key: Key, value: Value): void {
    if (!this.#asked.has(key)) this.#asked.set(key, Promise.resolve(value));
  }
}
