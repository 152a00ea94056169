import pg from 'pg';
import { expect, test } from 'vitest';
import { throwawayServer } from '../../test/engines/postgres.ts';
import { despiteCatalogueConflicts } from './catalogueConflict.ts';
import { DATABASE_ROLES, ensureRoles } from './roles.ts';

test('processes of several databases make the roles, and bring them in order, at the same time', async () => {
  const server = await throwawayServer();
  const clients: pg.Client[] = [];
  const connect = async (database: string) => {
    const url = new URL(server.url);
    url.pathname = database;
    const client = new pg.Client({ connectionString: url.toString() });
    await client.connect();
    clients.push(client);
    return client;
  };
  const admin = await connect('postgres');
  for (const name of ['one', 'two', 'three', 'four']) await admin.query(`create database ${name}`);
  const owners = await Promise.all(
    Array.from({ length: 12 }, (_, index) => connect(['one', 'two', 'three', 'four'][index % 4]!)),
  );
  for (let round = 0; round < 5; round++) {
    await Promise.all(owners.map((client) => ensureRoles(client, `secret key of round ${round}`)));
  }
  const { rows } = await admin.query(`select count(*)::int as roles from pg_roles where rolname like 'faultline\\_%'`);
  expect(rows[0].roles).toBe(DATABASE_ROLES.length);
  for (const client of clients) await client.end();
  await server.stop();
});

test('another error is not tried again, and no conflict is tried for ever', async () => {
  let tries = 0;
  const failing = (message: string) => () => {
    tries++;
    return Promise.reject(new Error(message));
  };
  await expect(despiteCatalogueConflicts(failing('permission denied'))).rejects.toThrow('permission denied');
  expect(tries).toBe(1);
  await expect(despiteCatalogueConflicts(failing('tuple concurrently updated'))).rejects.toThrow('concurrently');
  expect(tries).toBe(6);
});
