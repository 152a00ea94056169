import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/asking.md'), 'utf8');
const QUERIES = [...DOCUMENT.matchAll(/```graphql\n(query (\w+)[\s\S]*?)```/g)].map(([, query, name]) => ({
  name: name!,
  query: query!,
}));
const VARIABLES = JSON.parse(/```json\n([\s\S]*?)```/.exec(DOCUMENT)![1]!);

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

/** All queries of the document on one graph, as a viewer. */
async function answers(files: { nodes: string; edges: string }, ci: string) {
  const tenantId = randomUUID();
  const taken = await http.send('POST', '/import', files, { tenantId });
  expect(taken.status, JSON.stringify(taken.body)).toBe(200);
  const told = new Map<string, { [field: string]: never }>();
  for (const { name, query } of QUERIES) {
    // A query tells which variables it has; others are left out as a client would.
    const variables = Object.fromEntries(
      Object.entries({ ...VARIABLES, ci }).filter(([variable]) => query.includes(`$${variable}:`)),
    );
    const { status, body } = await http.send('POST', '/graphql', { query, variables }, { tenantId, role: 'viewer' });
    expect(status, `${name}: ${JSON.stringify(body)}`).toBe(200);
    expect(body.errors, `${name}: ${JSON.stringify(body.errors)}`).toBeUndefined();
    told.set(name, body.data);
  }
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers freely, and says what it expects of them
  return (name: string) => told.get(name) as any;
}

describe('the examples of docs/asking.md', () => {
  it('answer on a plant', async () => {
    const nodes =
      'key,type,name,powerKw,mounting\nfrontend,business_service,Web service,,\nhost,server,Host,,\npump,equipment,Pump,22,rigid\nfan,equipment,Fan,3,rigid\n';
    const edges = 'from,type,to\nfrontend,RUNS_ON,host\nhost,DEPENDS_ON,pump\n';
    const of = await answers({ nodes, edges }, 'host');
    expect(QUERIES.length).toBeGreaterThan(8);
    expect(of('WhatBreaks').impact.services).toMatchObject([{ name: 'Web service', state: 'down' }]);
    expect(of('WhatItNeeds').ci.reachable.items).toMatchObject([{ distance: 1, ci: { key: 'pump' } }]);
    expect(of('Machines').cis.items).toMatchObject([{ key: 'pump', attributes: { powerKw: 22, mounting: 'rigid' } }]);
    expect(of('BeforeWork').whatIf.difference.services).toMatchObject([{ name: 'Web service', after: 'down' }]);
    expect(of('WeakPoints').singlePointsOfFailure.points[0].servicesDown).toBe(1);
    expect(of('Story').ci.history.items.length).toBeGreaterThan(0);
    expect(of('Find').search.items[0].ci.key).toBe('frontend');
    expect(of('Find').cis.items).toEqual([{ key: 'frontend' }]);
  });
});

const topologies = join(import.meta.dirname, '../../../shared/data/topology');
const filesOf = (name: string) => {
  const [nodes, edges] = ['nodes.csv', 'edges.csv'].map((file) => readFileSync(join(topologies, name, file), 'utf8'));
  return { nodes: nodes!, edges: edges! };
};

describe.runIf(existsSync(topologies))('the same on real topologies', () => {
  it('answer on a microservice demo', async () => {
    const of = await answers(filesOf('online-boutique'), 'redis-cart');
    expect(of('WhatBreaks').impact.affectedCount).toBeGreaterThan(0);
    expect(of('Neighbours').ci.relations.items.length).toBeGreaterThan(0);
    expect(of('Find').search.total).toBeGreaterThan(5);
    expect(of('Causes').rootCauses.causes.length).toBeGreaterThan(0);
  });

  it('answer on the demo data of an inventory of networks', async () => {
    const of = await answers(filesOf('netbox-demo'), 'device:1');
    expect(of('WhatBreaks').impact.affectedCount).toBeGreaterThan(0);
    expect(of('WhatItNeeds').ci.reachable.items.length).toBeGreaterThan(0);
    expect(of('Neighbours').ci.relations.items.length).toBeGreaterThan(2);
  });
});
