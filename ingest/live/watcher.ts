import { jsonReplacer, type Principal } from '../../platform/index.ts';
import { Backlog } from './backlog.ts';
import type { LiveReading, LiveSeries } from './items.ts';
import { type LiveFilter, wants } from './pattern.ts';

/** Readings that may wait for a watcher who is slow; about a megabyte. */
const BACKLOG_READINGS = 5_000;
const READINGS_A_MESSAGE = 500;

/** Why a stream ends from our side. */
export type LiveEnd = 'stopping' | 'revoked' | 'stalled';

/** How readings travel to one watcher: an SSE answer or a WebSocket. */
export interface LiveTransport {
  /** Sends one message; false when it should not be given more before it calls `ready`. */
  send(event: 'hello' | 'readings' | 'gap' | 'end', json: string): boolean;
  beat(): void;
  close(end: LiveEnd): void;
}

const texts = new WeakMap<LiveReading, string>();

/** A reading as text, written once however many watch it. */
function textOf(reading: LiveReading): string {
  let text = texts.get(reading);
  if (text === undefined) {
    const { series, timeNs, value, unit, arrivalNs, future } = reading;
    text = JSON.stringify({ series, time: timeNs, value, unit, arrivedAt: arrivalNs, future }, jsonReplacer);
    texts.set(reading, text);
  }
  return text;
}

/** Somebody who watches. */
export class Watcher {
  readonly principal: Principal;
  readonly #filter: LiveFilter;
  readonly #transport: LiveTransport;
  readonly #backlog = new Backlog(BACKLOG_READINGS);
  #ready = true;
  #ended = false;
  /** When the transport last stopped taking, by the process's clock; null while it takes. */
  stalledSinceMs: number | null = null;

  constructor(principal: Principal, filter: LiveFilter, transport: LiveTransport) {
    this.principal = principal;
    this.#filter = filter;
    this.#transport = transport;
  }

  get waiting(): number {
    return this.#backlog.size;
  }

  offer(batch: readonly LiveSeries[], nowMs: number): void {
    for (const { device, series, readings } of batch) {
      if (wants(this.#filter, device, series)) this.#backlog.offer(readings);
    }
    this.#pump(nowMs);
  }

  /** The transport takes again. */
  resume(nowMs: number): void {
    this.#ready = true;
    this.stalledSinceMs = null;
    this.#pump(nowMs);
  }

  hello(heartbeatMs: number): void {
    this.#send('hello', JSON.stringify({ heartbeatMs, resumable: false }), 0);
  }

  /** Some readings may have been missed, and nobody can say how many. */
  gap(nowMs: number): void {
    this.#send(
      'gap',
      JSON.stringify({ reason: 'the database was away for a while, or readings came faster than they could be read' }),
      nowMs,
    );
  }

  beat(): void {
    if (!this.#ended && this.#ready) this.#transport.beat();
  }

  end(why: LiveEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#transport.close(why);
  }

  #pump(nowMs: number): void {
    while (this.#ready && !this.#ended && this.#backlog.size > 0) {
      const { readings, skipped } = this.#backlog.take(READINGS_A_MESSAGE);
      this.#send('readings', `{"items":[${readings.map(textOf).join(',')}],"skipped":${skipped}}`, nowMs);
    }
  }

  #send(event: 'hello' | 'readings' | 'gap', json: string, nowMs: number): void {
    if (this.#ended || this.#transport.send(event, json)) return;
    this.#ready = false;
    this.stalledSinceMs ??= nowMs;
  }
}
