import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { Timer } from '../../platform/index.ts';
import { Acknowledger } from './acknowledger.ts';
import { Connection } from './connection.ts';
import { type FrontCounts, type FrontDeps, type FrontPorts, REFUSALS } from './frontDeps.ts';
import { socketTransport } from './tcp.ts';
import type { Transport } from './transport.ts';

const SWEEP_EVERY_MS = 500;
/** Descriptors kept free for the spool, the database and HTTP when the process may open only a few. */
const RESERVED_DESCRIPTORS = 256;

export interface FrontOptions extends FrontPorts {
  host: string;
  port: number;
}

/** The MQTT listener: owns the sockets, wakes them when the spool has space, ends those that have waited too long. */
export class Front {
  readonly #options: FrontOptions;
  readonly #deps: FrontDeps;
  readonly #server: Server;
  readonly #acknowledger: Acknowledger;
  readonly #connections = new Set<Connection>();
  #sweeper: Timer | null = null;
  #stopListening: (() => void)[] = [];

  constructor(options: FrontOptions) {
    this.#options = options;
    const { clock, log, spool, broker, admission, resolve, presence, limits } = options;
    this.#acknowledger = new Acknowledger(spool);
    const refusals = Object.fromEntries(REFUSALS.map((refusal) => [refusal, 0])) as FrontCounts['refusals'];
    this.#deps = {
      clock,
      log,
      spool,
      broker,
      admission,
      resolve,
      presence,
      limits,
      acknowledger: this.#acknowledger,
      counts: { connections: 0, messages: 0, payloadBytes: 0, units: 0, refusals },
      kept: { anonymousBytes: 0, bytes: 0 },
    };
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socketTransport(socket)));
    this.#server.maxConnections = Math.min(limits.maxConnections, affordableConnections());
  }

  get counts(): FrontCounts {
    return this.#deps.counts;
  }

  /** The port listened on, once started. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async start(): Promise<void> {
    const { spool, admission, host, port, log } = this.#options;
    this.#stopListening = [
      spool.onSpace(() => this.#wake()),
      admission.onChange((identity) => {
        for (const connection of this.#connections) connection.renew(identity);
      }),
    ];
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) => log.error({ reason: error.message }, 'the MQTT listener failed'));
    this.#sweep();
    log.info({ host, port: this.port }, 'MQTT intake listens');
  }

  /** Takes nothing more, writes what the spool still acknowledges, then closes. */
  async stop(): Promise<void> {
    this.#sweeper?.cancel();
    this.#sweeper = null;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.pause();
    const { spool } = this.#options;
    if (spool.statistics().pendingBytes > 0 && spool.state() === 'open') await this.#groupInFlight();
    for (const connection of this.#connections) connection.close();
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

  #wake(): void {
    for (const connection of this.#connections) if (connection.waitsForSpool) connection.resumeSpool();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#connections) connection.sweep(nowMs);
    this.#sweeper = this.#options.clock.setTimer(SWEEP_EVERY_MS, () => this.#sweep());
  }
}

/** With few descriptors allowed, connections beyond them are refused at once and those that exist go on. */
function affordableConnections(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? Number.MAX_SAFE_INTEGER : Math.max(64, Number(soft) - RESERVED_DESCRIPTORS);
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
