import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock } from '../../../platform/index.ts';

/** Descriptors kept free for the spool, the database and HTTP when the process may open only a few. */
const RESERVED_DESCRIPTORS = 256;

interface Waiting {
  socket: Socket;
  openedAtMs: number;
  isHandedOver: boolean;
}

/** Counts the sockets of all listeners together, from the first byte, and ends handshakes that take too long. */
export class SocketGate {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #handshakeMs: number;
  readonly #sockets = new Map<string, Waiting>();

  constructor(options: { clock: Clock; maxConnections: number; handshakeMs: number }) {
    this.#clock = options.clock;
    this.#max = Math.min(options.maxConnections, affordableConnections());
    this.#handshakeMs = options.handshakeMs;
  }

  /** Takes a new socket in, or closes it because there are too many. */
  admits(socket: Socket): boolean {
    if (this.#sockets.size >= this.#max) {
      socket.destroy();
      return false;
    }
    const key = keyOf(socket);
    const waiting = { socket, openedAtMs: this.#clock.nowMs(), isHandedOver: false };
    this.#sockets.set(key, waiting);
    socket.once('close', () => {
      if (this.#sockets.get(key) === waiting) this.#sockets.delete(key);
    });
    return true;
  }

  /** The handshakes of this socket, or of what is wrapped around it, are done: the connection keeps its own time now. */
  handedOver(socket: Socket): void {
    const waiting = this.#sockets.get(keyOf(socket));
    if (waiting) waiting.isHandedOver = true;
  }

  sweep(nowMs: number, late: (address: string) => void): void {
    for (const { socket, openedAtMs, isHandedOver } of this.#sockets.values()) {
      if (isHandedOver || nowMs - openedAtMs <= this.#handshakeMs) continue;
      late(socket.remoteAddress ?? '');
      socket.destroy();
    }
  }

  destroyAll(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy();
  }
}

/** A TLS socket has the same ends as the socket that it is wrapped around. */
function keyOf(socket: Socket): string {
  return `${socket.localPort} ${socket.remoteAddress} ${socket.remotePort}`;
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
