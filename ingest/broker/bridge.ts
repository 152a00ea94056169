import { Duplex } from 'node:stream';
import type { DeviceIdentity } from '../devices/index.ts';

/**
 * The connection that aedes believes to have: what the front passes on is pushed in, and what aedes writes goes to the
 * client's stream at once, packet by packet. (A buffer of its own here would let a PUBACK of the front fall into the middle of a
 * packet that aedes is writing.)
 */
export class Bridge extends Duplex {
  /** Whom the front has authenticated; replaced when the device's rights change. */
  identity: DeviceIdentity;
  readonly #stream: Duplex;
  readonly #wanted: () => void;

  /** @param wanted called when more may be pushed after a push that returned false */
  constructor(stream: Duplex, identity: DeviceIdentity, wanted: () => void) {
    super({ allowHalfOpen: false, emitClose: true });
    this.#stream = stream;
    this.identity = identity;
    this.#wanted = wanted;
    stream.on('drain', () => this.emit('drain'));
  }

  override write(chunk: Uint8Array | string, ...rest: unknown[]): boolean {
    if (this.#stream.destroyed) return true;
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    return typeof chunk === 'string' ? this.#stream.write(chunk, encoding) : this.#stream.write(chunk);
  }

  override cork(): void {
    this.#stream.cork();
  }

  override uncork(): void {
    this.#stream.uncork();
  }

  override _read(): void {
    this.#wanted();
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.destroy();
    done(null);
  }
}
