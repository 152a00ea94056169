import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

const post = (tenantId: string, path: string, body: unknown) => http.send('POST', path, body, { tenantId });
const impactOf = async (tenantId: string, ...failed: string[]) =>
  (await post(tenantId, '/impact', { failed: failed.map((ci) => ({ ci })), affectedLimit: 1000 })).body;

describe('import', () => {
  const nodes = 'id,type,name,status,role\nrack:1,rack,R1,Active,\ndevice:1,Device,SW,active,Access Switch\n';
  const edges = 'from,type,to,redundancy_group,min_up\ndevice:1,LOCATED_IN,rack:1,,\n';

  it('previews without leaving anything, then imports, then changes nothing', async () => {
    const tenant = randomUUID();
    const preview = await post(tenant, '/import?dryRun=true', { nodes, edges });
    expect(preview.body).toMatchObject({ dryRun: true, cis: { created: 2 }, relations: { created: 1 }, warnings: [] });
    expect((await http.send('GET', '/version', undefined, { tenantId: tenant })).body.version).toBe('0');
    expect((await post(tenant, '/import', { nodes, edges })).body).toMatchObject({
      dryRun: false,
      cis: { created: 2 },
    });
    const again = await post(tenant, '/import', { nodes: nodes.replace('SW', 'SW-1'), edges });
    expect(again.body).toMatchObject({ version: '2', cis: { changed: 1, unchanged: 1 }, relations: { unchanged: 1 } });
    const device = (await http.send('GET', '/cis/device:1', undefined, { tenantId: tenant })).body;
    expect(device).toMatchObject({
      type: 'network_device',
      status: 'active',
      attributes: { role: 'Access Switch', sourceType: 'Device' },
    });
  });

  it.each([
    ['an edge to nowhere', { nodes, edges: `${edges}device:1,DEPENDS_ON,device:9,,\n` }, 'edges', 3, 'to'],
    ['a missing value', { nodes: `${nodes}device:2,device\n` }, 'nodes', 4, 'columns'],
    ['an empty key', { nodes: `${nodes} ,device,x,active,\n` }, 'nodes', 4, 'column id'],
    ['a repeated key', { nodes: `${nodes}rack:1,rack,again,active,\n` }, 'nodes', 4, 'key'],
    ['an open quote', { nodes: `${nodes}"rack:2,rack,x,active,\n` }, 'nodes', 4, 'quotes'],
    [
      'a min_up that is none',
      { nodes, edges: `${edges}device:1,DEPENDS_ON,rack:1,g,two\n` },
      'edges',
      3,
      'column min_up',
    ],
    ['a header without a type', { nodes: 'id,name\na,b\n' }, 'nodes', 1, 'header'],
    ['a bad attribute', { nodes: 'id,type,criticality\ns,business_service,9\n' }, 'nodes', 2, 'attributes.criticality'],
    ['an item without a key', { cis: [{ key: 'a', type: 'vm' }, { type: 'vm' }] }, 'cis', 2, 'key'],
    ['an item that is none', { cis: ['a'] }, 'cis', 1, 'item'],
  ])('refuses %s, says where, and leaves nothing', async (_what, body, file, line, field) => {
    const tenant = randomUUID();
    const answer = await post(tenant, '/import', body);
    expect(answer.body.error).toMatchObject({ code: 'CMDB_IMPORT_LINE', field, detail: { file, line, field } });
    expect((await http.send('GET', '/cis', undefined, { tenantId: tenant })).body.items).toEqual([]);
  });

  it('keeps what it does not know as a generic CI, and says so', async () => {
    const tenant = randomUUID();
    const body = {
      nodes: 'id;type\na;Flux Capacitor\nb;Flux Capacitor\n',
      edges: 'source;relation;target\na;Admires;b\n',
    };
    const { warnings } = (await post(tenant, '/import', body)).body;
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatchObject({ count: 2, message: expect.stringContaining('Flux Capacitor') });
    const shown = (await http.send('GET', '/cis/a', undefined, { tenantId: tenant })).body;
    expect(shown).toMatchObject({ type: 'configuration_item', attributes: { sourceType: 'Flux Capacitor' } });
    expect(shown.relations).toMatchObject([{ type: 'RELATED_TO', attributes: { sourceType: 'Admires' } }]);
  });

  it('takes a column without a title for none of ours', async () => {
    const tenant = randomUUID();
    expect((await post(tenant, '/import', { nodes: ',id,type\n0,a,server\n' })).body).toMatchObject({
      cis: { created: 1 },
    });
    const shown = (await http.send('GET', '/cis/a', undefined, { tenantId: tenant })).body;
    expect(shown).toMatchObject({ name: 'a', status: 'active', attributes: {} });
  });

  it('reads the relations of other tools, in their direction', async () => {
    const tenant = randomUUID();
    await post(tenant, '/import', {
      nodes: 'id,type\nhost,Computer\napp,cmdb_ci_appl\nsvc,Service\n',
      edges: 'parent,type,child\nhost,Hosts,app\nsvc,Depends on::Used by,app\n',
    });
    expect((await impactOf(tenant, 'host')).services).toMatchObject([{ key: 'svc', state: 'down' }]);
  });
});

const topologies = join(import.meta.dirname, '../../../shared/data/topology');
const textOf = (...path: string[]) => readFileSync(join(topologies, ...path), 'utf8');

describe.runIf(existsSync(topologies))('real topologies', () => {
  it('answers on a microservice demo: the cart store takes the shop down', async () => {
    const tenant = randomUUID();
    const body = { nodes: textOf('online-boutique', 'nodes.csv'), edges: textOf('online-boutique', 'edges.csv') };
    expect((await post(tenant, '/import', body)).body).toMatchObject({
      cis: { created: 13 },
      relations: { created: 17 },
    });
    const { services } = await impactOf(tenant, 'redis-cart');
    expect(services.map((one: { key: string }) => one.key).sort()).toEqual([
      'cartservice',
      'checkoutservice',
      'frontend',
      'loadgenerator',
      'redis-cart',
    ]);
    const chain = services.find((one: { key: string }) => one.key === 'loadgenerator').causeChain;
    expect(chain.map((one: { key: string }) => one.key)).toEqual([
      'redis-cart',
      'cartservice',
      'frontend',
      'loadgenerator',
    ]);
  });

  it('answers on a NetBox demo: one power panel degrades racks, both take them down', async () => {
    const tenant = randomUUID();
    const file = (name: string) => textOf('netbox-demo', `${name}.csv`);
    const body = { nodes: file('nodes'), edges: file('edges'), contacts: file('contacts') };
    const report = (await post(tenant, '/import', body)).body;
    expect(report).toMatchObject({ cis: { created: 445 }, relations: { created: 559 }, warnings: [] });
    type Affected = { key: string; type: string; state: string; owners: { name: string }[] };
    const one = (await impactOf(tenant, 'power_panel:1')).affected as Affected[];
    expect(one.filter((ci) => ci.type === 'rack').every((ci) => ci.state === 'degraded')).toBe(true);
    const two = (await impactOf(tenant, 'power_panel:1', 'power_panel:2')).affected as Affected[];
    expect(two.filter((ci) => ci.type === 'rack' && ci.state === 'down').length).toBeGreaterThan(10);
    const pdu = (await impactOf(tenant, 'device:27')).affected as Affected[];
    expect(pdu.find((ci) => ci.key === 'device:1')).toMatchObject({
      state: 'down',
      owners: [{ name: 'Dunder-Mifflin, Inc.' }],
    });
    const site = (await http.send('GET', '/cis/site:10', undefined, { tenantId: tenant })).body;
    const owners = site.relations.filter((one: { type: string }) => one.type === 'OWNED_BY');
    expect(owners).toHaveLength(4);
  });
});
