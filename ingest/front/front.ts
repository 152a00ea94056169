import type { Timer } from '../../platform/index.ts';
import { Acknowledger } from './acknowledger.ts';
import { Connection } from './connection.ts';
import { type FrontCounts, REFUSALS, type Refusal } from './counts.ts';
import type { FrontDeps, FrontPorts } from './frontDeps.ts';
import type { Listener } from './listeners/listener.ts';
import { SocketGate } from './listeners/socketGate.ts';
import { Qos2Sessions } from './openQos2.ts';
import type { Transport } from './transport.ts';

const SWEEP_EVERY_MS = 500;

export interface FrontOptions extends FrontPorts {
  listeners: readonly Listener[];
}

/** The MQTT listeners' other side: owns the connections, wakes them when the spool has space, ends those that have waited too long. */
export class Front {
  readonly #options: FrontOptions;
  readonly #deps: FrontDeps;
  readonly #gate: SocketGate;
  readonly #acknowledger: Acknowledger;
  readonly #connections = new Set<Connection>();
  #sweeper: Timer | null = null;
  #stopListening: (() => void)[] = [];

  constructor(options: FrontOptions) {
    this.#options = options;
    const { clock, log, spool, parts, broker, admission, resolve, meterOf, presence, limits } = options;
    this.#acknowledger = new Acknowledger(spool, parts);
    const refusals = Object.fromEntries(REFUSALS.map((refusal) => [refusal, 0])) as FrontCounts['refusals'];
    this.#deps = {
      clock,
      log,
      spool,
      parts,
      broker,
      admission,
      resolve,
      meterOf,
      presence,
      limits,
      acknowledger: this.#acknowledger,
      qos2Sessions: new Qos2Sessions(),
      counts: { connections: 0, messages: 0, payloadBytes: 0, units: 0, refusals },
      kept: { anonymousBytes: 0, bytes: 0 },
    };
    const { maxConnections, connectTimeoutMs: handshakeMs } = limits;
    this.#gate = new SocketGate({ clock, maxConnections, handshakeMs });
  }

  get counts(): FrontCounts {
    return this.#deps.counts;
  }

  async start(): Promise<void> {
    const { spool, parts, admission, listeners, limits, log } = this.#options;
    this.#stopListening = [
      spool.onSpace(() => this.#wake()),
      ...(parts ? [parts.onSpace(() => this.#wake())] : []),
      admission.onChange((identity) => {
        for (const connection of this.#connections) connection.renew(identity);
      }),
    ];
    for (const listener of listeners) {
      await listener.start({
        ...{ limits, log, gate: this.#gate },
        connected: (transport) => this.#connected(transport),
        refused: (refusal, reason, address) => this.#refused(refusal, reason, address),
      });
      log.info({ scheme: listener.scheme, port: listener.port }, 'MQTT intake listens');
    }
    this.#sweep();
  }

  /** Takes nothing more, writes what the spool still acknowledges, then closes. */
  async stop(): Promise<void> {
    this.#sweeper?.cancel();
    this.#sweeper = null;
    const closed = Promise.all(this.#options.listeners.map((listener) => listener.stop()));
    for (const connection of this.#connections) connection.pause();
    const { spool } = this.#options;
    if (spool.statistics().pendingBytes > 0 && spool.state() === 'open') await this.#groupInFlight();
    for (const connection of this.#connections) connection.close();
    this.#gate.destroyAll();
    await closed;
    this.#acknowledger.stop();
    for (const stop of this.#stopListening.splice(0)) stop();
  }

  /** Waits for the buffered records to reach the disk, a second at most: what is not acknowledged is sent again. */
  async #groupInFlight(): Promise<void> {
    const { spool, clock } = this.#options;
    const wanted = spool.latestDurableOffset() + spool.statistics().pendingBytes;
    await Promise.race([spool.flushed(wanted).catch(() => undefined), clock.sleep(1_000)]);
  }

  #connected(transport: Transport): void {
    const connection = new Connection(this.#deps, transport, (closed) => {
      this.#connections.delete(closed);
      this.#deps.counts.connections = this.#connections.size;
    });
    this.#connections.add(connection);
    this.#deps.counts.connections = this.#connections.size;
  }

  /** Refused by a listener, before it was a connection. */
  #refused(refusal: Refusal, reason: string, address: string): void {
    this.#deps.counts.refusals[refusal]++;
    this.#options.log.debug({ refusal, reason, address }, 'refused an MQTT connection');
  }

  #wake(): void {
    for (const connection of this.#connections) if (connection.waitsForSpool) connection.resumeSpool();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#connections) connection.sweep(nowMs);
    this.#gate.sweep(nowMs, (address) => this.#refused('connect-timeout', 'the handshake took too long', address));
    this.#sweeper = this.#options.clock.setTimer(SWEEP_EVERY_MS, () => this.#sweep());
  }
}
