import type pg from 'pg';
import { reasonOf } from '../errors/errors.ts';

/** SQLSTATE classes and codes that mean: the server or the way to it is gone, not that the statement was wrong. */
const LOST_CODES = /^(08|57P0[1-5]|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH)/;
const LOST_TEXTS =
  /connection terminated|not queryable|client was closed|timeout exceeded when trying to connect|pool after calling end/i;

function isLost(error: unknown): boolean {
  return LOST_CODES.test(String((error as { code?: unknown })?.code ?? '')) || LOST_TEXTS.test(reasonOf(error));
}

/**
 * BullMQ waits before it tries again only after errors that speak of ECONNREFUSED; after any other it tries at once,
 * and an error that needs no I/O then starves the event loop for ever. So every lost connection is told in those words.
 */
function asRefused(error: unknown): unknown {
  if (!isLost(error)) return error;
  return Object.assign(new Error(`ECONNREFUSED (${reasonOf(error)})`, { cause: error }), { code: 'ECONNREFUSED' });
}

/** Makes a pool speak of lost connections as BullMQ understands it, and lets it know of a dead LISTEN connection. */
export function tellLosses(pool: pg.Pool): pg.Pool {
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => Promise<pg.PoolClient>;
  const known = new WeakSet<pg.PoolClient>();

  const watch = (client: pg.PoolClient): pg.PoolClient => {
    if (known.has(client)) return client;
    known.add(client);
    const ask = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        if (typeof args.at(-1) === 'function') return ask(...args);
        return Promise.resolve(ask(...args)).catch((error: unknown) => {
          // Its holder listens for 'error' to replace a LISTEN connection; a connection that died silently has sent none.
          if (isLost(error) && client.listenerCount('error') > 0) client.emit('error', error as Error);
          throw asRefused(error);
        });
      },
    });
    return client;
  };
  return Object.assign(pool, {
    query: (...args: unknown[]) => {
      if (typeof args.at(-1) === 'function') return query(...args);
      return query(...args).catch((error: unknown) => {
        throw asRefused(error);
      });
    },
    connect: (...args: unknown[]) => {
      if (args.length > 0) return connect(...args);
      return connect().then(watch, (error: unknown) => {
        throw asRefused(error);
      });
    },
  }) as pg.Pool;
}
