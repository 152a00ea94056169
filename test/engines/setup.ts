import { TEST_SERVER_URL, throwawayServer } from './postgres.ts';

/** Vitest's global set-up: one real PostgreSQL for the whole run, each test file gets databases of its own on it. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.TEST_DATABASE_URL) return undefined;
  const server = await throwawayServer({ max_connections: '400', fsync: 'off' });
  process.env[TEST_SERVER_URL] = server.url;
  return () => server.stop();
}
