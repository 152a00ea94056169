import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Pool } from 'undici';
import type { Clock } from '../../../platform/index.ts';
import { parseTables, type Row } from './annotatedCsv.ts';
import type { Flux } from './flux.ts';

export interface InfluxSettings {
  url: string;
  org: string;
  token: string;
}

/** InfluxDB says that the data are at fault. */
export class LinesRefused extends Error {}

/** InfluxDB is not to be had, or does not want us: to be tried again. */
export class InfluxUnavailable extends Error {
  readonly status: number | null;
  /** When it asked to be left alone for a while. */
  readonly retryAfterMs: number | null;
  constructor(message: string, status: number | null, retryAfterMs: number | null, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** More would only queue inside InfluxDB, and each holds a batch in memory. */
const WRITES_IN_FLIGHT = 2;
const QUERIES_IN_FLIGHT = 4;
/** A paused server keeps its sockets open: so long and no longer is an answer waited for. */
const ANSWER_WITHIN_MS = 20_000;
const QUERY_WITHIN_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 300_000;
/** Statuses that blame what was sent. Everything else is held and offered again. */
const DATA_AT_FAULT = new Set([400, 413, 422]);

/** Level 1 makes a sixth of the bytes for 0.4 µs a line; 3 makes no less and costs twice that. */
const GZIP_LEVEL = 1;
/** On the way to oneself bytes cost less than to make fewer of them: 0.5 µs a line here and about as much in InfluxDB. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const gzipped = promisify(gzip) as (data: Uint8Array, options: { level: number }) => Promise<Buffer>;

type Method = 'GET' | 'POST' | 'PATCH';

/** The only door to InfluxDB: keep-alive connections, a bounded number of requests, errors sorted into two kinds. */
export class InfluxConnection {
  readonly org: string;
  readonly #token: string;
  readonly #clock: Clock;
  readonly #compresses: boolean;
  readonly #writes: Pool;
  readonly #queries: Pool;

  constructor(settings: InfluxSettings, clock: Clock) {
    this.org = settings.org;
    this.#clock = clock;
    this.#token = settings.token;
    this.#compresses = !LOOPBACK.has(new URL(settings.url).hostname);
    const pool = (connections: number, withinMs: number) =>
      new Pool(settings.url, {
        connections,
        pipelining: 1,
        connectTimeout: 5_000,
        headersTimeout: withinMs,
        bodyTimeout: withinMs,
      });
    this.#writes = pool(WRITES_IN_FLIGHT, ANSWER_WITHIN_MS);
    this.#queries = pool(QUERIES_IN_FLIGHT, QUERY_WITHIN_MS);
  }

  /**
   * Writes lines; whether it was done is known when this resolves, and only then.
   *
   * @throws {LinesRefused | InfluxUnavailable}
   */
  async write(bucket: string, lines: Uint8Array): Promise<void> {
    const query = new URLSearchParams({ org: this.org, bucket, precision: 'ns' });
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const { status, text, retryAfterMs } = await this.#send(
      this.#writes,
      'POST',
      `/api/v2/write?${query}`,
      this.#compresses ? { ...headers, 'content-encoding': 'gzip' } : headers,
      this.#compresses ? await gzipped(lines, { level: GZIP_LEVEL }) : lines,
    );
    if (status === 204 || status === 200) return;
    if (DATA_AT_FAULT.has(status)) throw new LinesRefused(reasonIn(text));
    throw unavailable(status, text, retryAfterMs);
  }

  /** Runs a query and gives its rows, all tables one after another. */
  async query(query: Flux): Promise<Row[]> {
    const body = JSON.stringify({ query: query.text, type: 'flux', dialect: { header: true, annotations: [] } });
    const headers = { 'content-type': 'application/json', accept: 'application/csv' };
    const path = `/api/v2/query?${new URLSearchParams({ org: this.org })}`;
    const { status, text, retryAfterMs } = await this.#send(this.#queries, 'POST', path, headers, body);
    if (status !== 200) throw unavailable(status, text, retryAfterMs);
    return parseTables(text);
  }

  /** Runs an InfluxQL query on one bucket: what Flux cannot do without reading the whole range, such as the first rows of it. */
  async select(bucket: string, query: string): Promise<Row[]> {
    const path = `/query?${new URLSearchParams({ org: this.org, db: bucket, epoch: 'ns', q: query })}`;
    const { status, text, retryAfterMs } = await this.#send(this.#queries, 'GET', path, { accept: 'application/csv' });
    if (status !== 200) throw unavailable(status, text, retryAfterMs);
    return parseTables(text);
  }

  /** Removes points of the raw measurement from `fromNs` to `toNs`, both included, of the series with these tags. */
  async remove(bucket: string, fromNs: bigint, toNs: bigint, tags: Readonly<Record<string, string>>): Promise<void> {
    const terms = Object.entries(tags).map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`);
    const range = { start: rfc3339(fromNs), stop: rfc3339(toNs) };
    await this.call('POST', `/api/v2/delete?${new URLSearchParams({ org: this.org, bucket })}`, {
      ...range,
      predicate: terms.join(' AND '),
    });
  }

  /** One call of the management API; null for 404 where the caller can do with it. */
  async call<T>(method: Method, path: string, body?: unknown, absentIsNull = false): Promise<T | null> {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const { status, text, retryAfterMs } = await this.#send(this.#queries, method, path, headers, sent);
    if (status === 404 && absentIsNull) return null;
    if (status >= 300) throw unavailable(status, text, retryAfterMs);
    return (text === '' ? null : JSON.parse(text)) as T | null;
  }

  /** Resolves when the server answers as one that can work. */
  async ping(): Promise<void> {
    const { status, text } = await this.#send(this.#queries, 'GET', '/health', {});
    if (status !== 200) throw unavailable(status, text, null);
  }

  async close(): Promise<void> {
    await Promise.all([this.#writes.destroy(), this.#queries.destroy()]);
  }

  async #send(pool: Pool, method: Method, path: string, headers: Record<string, string>, body?: string | Uint8Array) {
    try {
      const answer = await pool.request({
        method,
        path,
        headers: { authorization: `Token ${this.#token}`, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.body.text();
      return {
        status: answer.statusCode,
        text,
        retryAfterMs: retryAfterMs(answer.headers['retry-after'], this.#clock),
      };
    } catch (error) {
      const code = (error as { code?: string }).code;
      const reason = error instanceof Error && error.message ? error.message : 'no answer';
      throw new InfluxUnavailable(`InfluxDB cannot be reached: ${code ? `${code}, ` : ''}${reason}`, null, null, error);
    }
  }
}

function unavailable(status: number, text: string, retry: number | null): InfluxUnavailable {
  const hint =
    status === 401 || status === 403
      ? '; check INFLUX_TOKEN: it must be allowed to read and write the organisation’s buckets'
      : status === 404
        ? '; check INFLUX_URL and INFLUX_ORG'
        : '';
  return new InfluxUnavailable(`InfluxDB answered ${status}: ${reasonIn(text)}${hint}`, status, retry);
}

/** Seconds or a date, as HTTP allows; absurd waits are cut. */
function retryAfterMs(header: string | string[] | undefined, clock: Clock): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.nowMs();
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

/** An instant with all its nanoseconds. */
function rfc3339(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}

const LONGEST_REASON = 500;

function reasonIn(text: string): string {
  let reason = text;
  try {
    reason = (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    // a proxy's page, or nothing
  }
  return reason.slice(0, LONGEST_REASON);
}
