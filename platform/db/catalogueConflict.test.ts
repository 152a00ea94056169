import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/engines/postgres.ts';
import { despiteCatalogueConflicts } from './catalogueConflict.ts';
import { ensureRoles } from './roles.ts';

test('processes of several databases bring the roles in order at the same time', async () => {
  const databases = await Promise.all([testDatabase([]), testDatabase([])]);
  const owners = await Promise.all(
    [...databases, ...databases, ...databases].map(async ({ ownerUrl, secretKey }) => {
      const client = new pg.Client({ connectionString: ownerUrl });
      await client.connect();
      return { client, secretKey };
    }),
  );
  await Promise.all(owners.map(({ client, secretKey }) => ensureRoles(client, secretKey)));
  for (const { client } of owners) await client.end();
  for (const database of databases) await database.stop();
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
