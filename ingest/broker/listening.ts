/** Which connections of this broker listen to what is addressed to devices. Consumers that look on do not count. */
export class Listening<C extends object> {
  readonly #byTopic = new Map<string, Set<C>>();
  readonly #topics = new WeakMap<C, Set<string>>();
  readonly #began: (topic: string) => void;
  readonly #addressed: (topic: string) => boolean;

  /**
   * @param began called when a connection begins to listen to a topic addressed to a device
   * @param addressed whether a topic is
   */
  constructor(began: (topic: string) => void, addressed: (topic: string) => boolean) {
    this.#began = began;
    this.#addressed = addressed;
  }

  has(topic: string): boolean {
    return this.#byTopic.has(topic);
  }

  begin(connection: C, topics: readonly string[]): void {
    for (const topic of topics) {
      if (!this.#addressed(topic)) continue;
      const own = this.#topics.get(connection) ?? new Set();
      if (own.has(topic)) continue;
      this.#topics.set(connection, own.add(topic));
      this.#byTopic.set(topic, (this.#byTopic.get(topic) ?? new Set()).add(connection));
      this.#began(topic);
    }
  }

  /** @param topics all that the connection listens to, when absent */
  end(connection: C, topics: readonly string[] = [...(this.#topics.get(connection) ?? [])]): void {
    for (const topic of topics) {
      this.#topics.get(connection)?.delete(topic);
      const listeners = this.#byTopic.get(topic);
      if (listeners?.delete(connection) && listeners.size === 0) this.#byTopic.delete(topic);
    }
  }
}
