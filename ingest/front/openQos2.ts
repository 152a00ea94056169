import { hash } from 'node:crypto';

/** Sessions whose open messages are remembered beyond their connection; of the oldest beyond it they are forgotten. */
const MAX_SESSIONS = 2_000;

interface OpenMessage {
  /** Where its record ends. */
  endOffset: number;
  content: string;
}

/** The QoS 2 messages of one connection that are in the spool and still wait for their PUBREL (MQTT 3.1.1 §4.3.3). */
export class OpenQos2 {
  /** By packet identifier. */
  readonly #own = new Map<number, OpenMessage>();
  readonly #carried: Map<number, OpenMessage>;

  /** @param carried of the session's earlier connections */
  constructor(carried: Iterable<readonly [number, OpenMessage]> = []) {
    this.#carried = new Map(carried);
  }

  get size(): number {
    return this.#own.size + this.#carried.size;
  }

  /**
   * Where the record of a repeated message ends; null for a new one. Of what an earlier connection left, only the same bytes
   * are the same message: a client that has lost its memory counts its packets anew, and nothing of it may get lost. (DUP
   * does not tell: some clients repeat without it.)
   *
   * @param said the packet from its topic to its end, packet identifier included
   */
  repeated(packetId: number, said: Buffer): number | null {
    const own = this.#own.get(packetId);
    if (own) return own.endOffset;
    const carried = this.#carried.get(packetId);
    return carried && carried.content === contentOf(said) ? carried.endOffset : null;
  }

  add(packetId: number, endOffset: number, said: Buffer): void {
    this.#carried.delete(packetId);
    this.#own.set(packetId, { endOffset, content: contentOf(said) });
  }

  /** @returns whether it was open */
  release(packetId: number): boolean {
    const wasCarried = this.#carried.delete(packetId);
    return this.#own.delete(packetId) || wasCarried;
  }

  *entries(): Generator<readonly [number, OpenMessage]> {
    yield* this.#carried;
    yield* this.#own;
  }
}

function contentOf(said: Buffer): string {
  return hash('sha1', said, 'base64');
}

/** The open QoS 2 messages of sessions that outlive their connections; they do not outlive the process. */
export class Qos2Sessions {
  readonly #sessions = new Map<string, OpenQos2>();

  /** For a new connection. A clean session forgets what was open (§3.1.2.4). */
  begin(clientId: string, clean: boolean): OpenQos2 {
    const open = new OpenQos2(clean ? [] : this.#sessions.get(clientId)?.entries());
    this.#sessions.delete(clientId);
    if (clean) return open;
    this.#sessions.set(clientId, open);
    if (this.#sessions.size > MAX_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value!);
    return open;
  }

  /** A connection has ended. */
  end(clientId: string, open: OpenQos2): void {
    if (open.size === 0 && this.#sessions.get(clientId) === open) this.#sessions.delete(clientId);
  }
}
