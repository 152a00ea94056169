import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Api } from '../../../simulators/attach/index.ts';
import { throwawayServer } from '../../engines/postgres.ts';
import type { FaultCase } from '../faultCase.ts';
import { faultPlatform } from '../platform.ts';
import { layersOf } from './importedGraph.ts';

interface Exported {
  cis: { key: string; type: string; name: string; attributes: object }[];
  relations: { from: string; type: string; to: string }[];
}

export const postgresKilled: FaultCase = {
  id: '30',
  on: 'PostgreSQL',
  title: 'PostgreSQL is killed while an import is written: nothing of it stays, and a rerun gives the same graph',
  run: async (rig) => {
    const kills = rig.times(2, 12);
    const size = rig.pick(8_000, 50_000);
    const server = await throwawayServer();
    rig.atEnd(() => server.stop());
    const platform = await faultPlatform(rig.folder, {
      DATABASE_URL: server.url,
      FAULTLINE_SECRET_KEY: 'k'.repeat(32),
    });
    rig.atEnd(() => platform.end());
    const api = await platform.start();
    const wanted = layersOf(size, { round: 1 });
    let slowestRecoveryMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      rig.tell(`kill ${kill + 1} of ${kills}`);
      const runId = randomUUID();
      const importing = api.post('/api/v1/cmdb/import', { ...wanted, runId }).then(
        () => 'done',
        () => 'failed',
      );
      await untilWriting(api, runId);
      await pause(rig.random.between(0, 200));
      await killBackendOf(server.url, 'cmdb_graph');
      assert.equal(await importing, 'failed', 'the import was over before PostgreSQL was killed');
      const startedMs = performance.now();
      await untilAnswers(api);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedMs);
      assert.deepEqual(await exported(api), { cis: [], relations: [] }, 'a part of the import stayed');
      assert.equal((await api.get<{ version: string }>('/api/v1/cmdb/version')).version, '0');
    }
    await api.post('/api/v1/cmdb/import', wanted);
    const there = await exported(api);
    const told = new Set(wanted.relations.map(lineOf));
    const found = there.relations.map(lineOf);
    const keys = new Set(
      there.cis.map(({ key, type, name, attributes }) => JSON.stringify([key, type, name, attributes])),
    );
    const missing = wanted.cis.filter(
      ({ key, type, name, attributes }) => !keys.has(JSON.stringify([key, type, name, attributes])),
    );
    return {
      ...{ case: '30', injected: `${kills} × kill -9 of PostgreSQL in an import of ${size} CIs`, slowestRecoveryMs },
      acknowledged: wanted.cis.length + wanted.relations.length,
      lost: missing.length + told.size - new Set(found.filter((line) => told.has(line))).size,
      doubled: there.cis.length - wanted.cis.length + (found.length - told.size),
    };
  },
};

function lineOf({ from, type, to }: Exported['relations'][number]): string {
  return `${from} ${type} ${to}`;
}

async function untilWriting(api: Api, runId: string): Promise<void> {
  for (let tries = 0; tries < 3_000; tries++) {
    const run = await api.get<{ stage: string }>(`/api/v1/cmdb/imports/${runId}`).catch(() => null);
    if (run?.stage === 'writing') return;
    await pause(10);
  }
  throw new Error('the import does not get to writing');
}

/** SIGKILL to the process that holds the tenant's row of the graph: PostgreSQL drops everybody and recovers. */
async function killBackendOf(url: string, table: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // it is dropped like all others
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    `select l.pid from pg_locks l join pg_class c on c.oid = l.relation
     where c.relname = $1 and l.mode = 'RowExclusiveLock' and l.granted limit 1`,
    [table],
  );
  assert.ok(rows[0], 'nobody writes');
  process.kill(rows[0].pid, 'SIGKILL');
  await client.end().catch(() => undefined);
}

async function untilAnswers(api: Api): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const answered = await api.get('/api/v1/cmdb/version').then(
      () => true,
      () => false,
    );
    if (answered) return;
    await pause(50);
  }
  throw new Error('the platform does not answer again');
}

async function exported(api: Api): Promise<Exported> {
  const { cis, relations } = JSON.parse(await api.text('/api/v1/cmdb/export')) as Exported;
  return { cis, relations };
}
