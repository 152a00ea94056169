import pg from 'pg';
import { importBody, readBody } from '../../cmdb/import/body.ts';
import { importGraph } from '../../cmdb/import/importGraph.ts';
import type { ImportRows } from '../../cmdb/import/rows.ts';
import { migrations } from '../../cmdb/index.ts';
import { createOutbox, type Database, outboxMigration, systemClock, type Tx } from '../../platform/index.ts';
import { testDatabase } from '../engines/postgres.ts';
import { type LayeredGraph, layeredGraph } from './layeredGraph.ts';
import type { BenchRow } from './row.ts';

const CIS = 100_000;
const RELATIONS = 300_000;
const GOAL_S = 10;

/** An import of 100k CIs and 300k relations as CSV: from the request's body to the commit, history and event included. */
export async function bench(): Promise<BenchRow[]> {
  const database = await testDatabase([outboxMigration, ...migrations]);
  try {
    const files = asCsv(layeredGraph({ seed: 100_300, nodes: CIS, edges: RELATIONS }));
    const stages = new Map<string, number>();
    const clock = systemClock();
    const deps = { db: timedDatabase(database.db, stages), outbox: createOutbox(clock, [], () => undefined), clock };
    const start = performance.now();
    const rows = await readBody(importBody.parse(files));
    const parsedMs = performance.now() - start;
    const report = await importGraph(deps, database.tenantId, rows, { author: 'bench' }, false);
    const totalMs = performance.now() - start;
    const [found] = await database.asOwner<{ cis: number; relations: number; changes: number }>(
      `select (select count(*)::int from cmdb_ci) as cis, (select count(*)::int from cmdb_relation) as relations,
              (select count(*)::int from cmdb_change) as changes`,
    );
    const { cis, relations } = report;
    if (cis.created < CIS || relations.created < RELATIONS) throw new Error('rows were left out');
    if (found!.cis !== cis.created || found!.relations !== relations.created) throw new Error('rows are missing');
    if (found!.changes !== cis.created + relations.created) throw new Error('history is missing');
    const referenceMs = await bareInserts(database.ownerUrl, rows);
    const sqlMs = [...stages.values()].reduce((sum, ms) => sum + ms, 0);
    return [
      {
        name: 'cmdb-import',
        value: seconds(totalMs),
        unit: 's',
        better: 'lower',
        goal: GOAL_S,
        reference:
          'the same CIs and relations by unnest into tables without key, index, history or checks, same server',
        referenceValue: seconds(referenceMs),
        ratio: Number((referenceMs / totalMs).toPrecision(3)),
        breakdown: [
          `${cis.created} CIs and ${relations.created} relations, ${Math.round((files.nodes.length + files.edges.length) / 1e6)} MB of CSV`,
          `reading the CSV ${seconds(parsedMs)} s, understanding and checking ${seconds(totalMs - parsedMs - sqlMs)} s`,
          ...[...stages].map(([stage, ms]) => `${stage}: ${seconds(ms)} s`),
        ],
      },
    ];
  } finally {
    await database.stop();
  }
}

function seconds(ms: number): number {
  return Number((ms / 1000).toPrecision(3));
}

function asCsv({ nodes, edges }: LayeredGraph): { nodes: string; edges: string } {
  const keyOf = new Map(nodes.map(({ id, key }) => [id, key]));
  const nodeLines = nodes.map(({ key, type, name, attributes = {} }) => {
    const { criticality = '', costPerHour = '', users = '', email = '' } = attributes as Record<string, unknown>;
    return `${key},${type},${name},active,${criticality},${costPerHour},${users},${email}`;
  });
  const edgeLines = edges.map(
    ({ fromId, type, toId, group, minUp, role }) =>
      `${keyOf.get(fromId)},${type},${keyOf.get(toId)},${group ?? ''},${minUp ?? ''},${role ?? ''}`,
  );
  return {
    nodes: ['id,type,name,status,criticality,cost_per_hour,users,email', ...nodeLines, ''].join('\n'),
    edges: ['from,type,to,redundancy_group,min_up,role', ...edgeLines, ''].join('\n'),
  };
}

/** The same database, noting how long each kind of statement takes, the commit included. */
function timedDatabase(db: Database, stages: Map<string, number>): Database {
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    stages.set(stage, (stages.get(stage) ?? 0) + performance.now() - start);
    return result;
  };
  return {
    ...db,
    tenant: async (tenantId, work) => {
      let workedAt = 0;
      const result = await db.tenant(tenantId, async (tx) => {
        const query: Tx['query'] = (text, values) => timed(stageOf(text), () => tx.query(text, values));
        const told = await work({ ...tx, query });
        workedAt = performance.now();
        return told;
      });
      stages.set('commit', performance.now() - workedAt);
      return result;
    },
  };
}

function stageOf(text: string): string {
  if (text.includes('insert into cmdb_ci')) return 'CIs with their history';
  if (text.includes('cmdb_search')) return 'words by which CIs are found';
  if (text.includes('insert into cmdb_relation')) return 'relations with their history';
  return 'version, event and look-ups';
}

async function bareInserts(ownerUrl: string, { cis, relations }: ImportRows): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('create table bare_ci (key text, type text, name text, status text, attributes jsonb)');
    await client.query('create table bare_relation ("from" text, type text, "to" text, "group" text, min_up int)');
    const start = performance.now();
    await client.query(
      'insert into bare_ci select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])',
      [
        cis.map((ci) => ci.key),
        cis.map((ci) => ci.type),
        cis.map((ci) => ci.name),
        cis.map((ci) => ci.status),
        cis.map((ci) => JSON.stringify(ci.attributes)),
      ],
    );
    await client.query(
      'insert into bare_relation select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])',
      [
        relations.map((relation) => relation.from),
        relations.map((relation) => relation.type),
        relations.map((relation) => relation.to),
        relations.map((relation) => relation.group),
        relations.map((relation) => relation.minUp),
      ],
    );
    return performance.now() - start;
  } finally {
    await client.end();
  }
}
