import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../../test/fixtures/cmdbOverHttp.ts';

let http: CmdbOverHttp;
/** Statements that were sent to PostgreSQL since it was set to nothing. */
let statements: string[] = [];
beforeAll(async () => {
  http = await cmdbOverHttp();
  const { tenant } = http.pg.db;
  http.pg.db.tenant = (tenantId, work) =>
    tenant(tenantId, (tx) => {
      const { query } = tx;
      tx.query = (text, values) => {
        statements.push(text);
        return query(text, values);
      };
      return work(tx);
    });
});
afterAll(() => http.stop());

function tenant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, role = 'admin') =>
    http.send(method, path, body, { tenantId, role });
  const ask = async (query: string, variables?: object, role?: string) => {
    const { status, body } = await send('POST', '/graphql', { query, variables }, role);
    if (status !== 200) return body.error;
    return body.errors === undefined ? body.data : body;
  };
  return { tenantId, send, ask };
}

const PLANT = {
  source: 'plan',
  cis: [
    { key: 'pump', type: 'equipment', name: '循环水泵', attributes: { powerKw: 22, mounting: 'rigid', color: 'red' } },
    { key: 'fan', type: 'equipment', attributes: { powerKw: 5.5, mounting: 'flexible' } },
    { key: 'bearing', type: 'component', attributes: { bearing: { n: 9, ballDiameter: 1, pitchDiameter: 4 } } },
    { key: 'web-1', type: 'server', attributes: { serialNumber: 'S1' } },
    { key: 'web-2', type: 'server' },
    { key: 'shop', type: 'business_service', attributes: { criticality: 1, costPerHour: 900, users: 40 } },
    { key: 'deal', type: 'contract', attributes: { costPerYear: 4711, startsOn: '2025-01-01', endsOn: '2028-02-29' } },
    { key: 'sla', type: 'sla', attributes: { endsOn: '2026-06-30T12:00' } },
  ],
  relations: [
    { from: 'shop', type: 'DEPENDS_ON', to: 'web-1', redundancy_group: 'web', min_up: 1 },
    { from: 'shop', type: 'DEPENDS_ON', to: 'web-2', redundancy_group: 'web', min_up: 1 },
    { from: 'web-1', type: 'DEPENDS_ON', to: 'pump' },
    { from: 'bearing', type: 'PART_OF', to: 'pump' },
  ],
};

const keys = ({ cis }: { cis: { items: { key: string }[] } }) => cis.items.map(({ key }) => key);
const WHERE = 'query ($where: CiWhere) { cis(where: $where) { items { key } } }';

describe('CIs by typed filters', () => {
  it('compares attributes by the kinds that the model gives them', async () => {
    const { send, ask } = tenant();
    expect((await send('POST', '/import', PLANT)).status).toBe(200);
    const found = async (where: object) => keys(await ask(WHERE, { where }));
    expect(await found({ has: { equipment: { powerKw: { gt: 5.5 } } } })).toEqual(['pump']);
    expect(await found({ has: { equipment: { mounting: { in: ['rigid', 'flexible'] } } } })).toEqual(['fan', 'pump']);
    expect(await found({ has: { equipment: { mounting: { ne: 'rigid' } } } })).toEqual(['fan']);
    expect(await found({ has: { plant_item: { serialNumber: { exists: false } } } })).toEqual([
      'bearing',
      'fan',
      'pump',
    ]);
    expect(await found({ has: { it_item: { serialNumber: { startsWith: 's' } } } })).toEqual(['web-1']);
    expect(await found({ has: { component: { bearing: { n: { gte: 9 } } } } })).toEqual(['bearing']);
    expect(await found({ has: { agreement: { endsOn: { after: '2028-02-27' } } } })).toEqual(['deal']);
    expect(await found({ has: { agreement: { endsOn: { before: '2026-06-30T12:00:01Z' } } } })).toEqual(['sla']);
    expect(await found({ has: { agreement: { endsOn: { eq: '2026-06-30T20:00:00+08:00' } } } })).toEqual(['sla']);
    expect(await found({ type: ['it_item', 'sla'] })).toEqual(['sla', 'web-1', 'web-2']);
    expect(await found({ not: { type: ['plant_item'] }, key: { contains: 'WEB' } })).toEqual(['web-1', 'web-2']);
    expect(
      await found({ or: [{ key: { eq: 'fan' } }, { and: [{ type: ['server'] }, { name: { in: ['web-2'] } }] }] }),
    ).toEqual(['fan', 'web-2']);
    expect(await found({ other: [{ name: 'color', eq: 'red' }] })).toEqual(['pump']);
    expect(await found({ text: '水泵' })).toEqual(['pump']);
    expect(await found({ source: 'plan', status: { eq: 'active' } })).toHaveLength(8);
    expect(await found({ source: 'nobody' })).toEqual([]);
    expect(await found({ seenBefore: '2020-01-01' })).toEqual([]);
    expect(await found({ seenAfter: '2020-01-01T00:00:00Z', firstSeenAfter: '2020-01-01' })).toHaveLength(8);
  });

  it('follows the model, and says what does not fit it', async () => {
    const { send, ask } = tenant();
    await send('POST', '/import', PLANT);
    const label = { en: 'Robot', zh: '机器人' };
    const values = ['6-axis', 'SCARA'];
    const kind = { name: 'kind', kind: 'enum', values, description: label };
    const axes = { name: 'axes', kind: 'integer', description: label };
    const ciTypes = [{ name: 'robot', parent: 'equipment', label, attributes: [axes, kind] }];
    expect(await ask(WHERE, { where: { has: { robot: { axes: { gte: 6 } } } } })).toMatchObject({
      code: 'CMDB_QUERY_INVALID',
    });
    expect((await send('POST', '/model/changes', { change: { ciTypes }, reason: 'test' })).status).toBe(200);
    await send('POST', '/cis', { key: 'r2', type: 'robot', attributes: { axes: 6, powerKw: 3, kind: '6-axis' } });
    expect(keys(await ask(WHERE, { where: { has: { robot: { axes: { gte: 6 }, kind: { eq: '6-axis' } } } } }))).toEqual(
      ['r2'],
    );
    expect(keys(await ask(WHERE, { where: { has: { equipment: { powerKw: { lt: 4 } } } } }))).toEqual(['r2']);
    const { body } = await send('GET', '/graphql/schema');
    expect(body.modelVersion).toBe(1);
    expect(buildSchema(body.sdl).getType('RobotHas')).toBeDefined();
    for (const [where, problem] of [
      ['{ has: { equipment: { powerKw: { gt: "much" } } } }', 'Float cannot represent'],
      ['{ has: { equipment: { mounting: { eq: loose } } } }', 'does not exist in "EquipmentMounting"'],
      ['{ has: { equipment: { colour: { eq: "red" } } } }', 'not defined by type "EquipmentHas"'],
    ] as const) {
      const error = await ask(`{ cis(where: ${where}) { items { key } } }`);
      expect(error).toMatchObject({ code: 'CMDB_QUERY_INVALID', field: 'query' });
      expect(error.message).toContain(problem);
    }
    const wrongDate = await ask(WHERE, { where: { has: { sla: { endsOn: { before: 'soon' } } } } });
    expect(wrongDate.errors[0].extensions.code).toBe('CMDB_QUERY_ARGUMENT');
  });

  it('pages in the order of keys, and tells nothing sensitive, not even by a filter', async () => {
    const { send, ask } = tenant();
    await send('POST', '/import', PLANT);
    const query = 'query ($c: String) { cis(limit: 3, cursor: $c) { items { key } nextCursor } }';
    const seen: string[] = [];
    for (let c: string | null = null; ; ) {
      const { cis } = await ask(query, { c });
      seen.push(...cis.items.map(({ key }: { key: string }) => key));
      c = cis.nextCursor;
      if (c === null) break;
    }
    expect(seen).toEqual(PLANT.cis.map(({ key }) => key).sort());
    const deal =
      '{ ci(is: "deal") { attributes redacted history { items { after } } asOf(at: "1") { attributes } } diff(from: "0") { items { after } } }';
    expect(JSON.stringify(await ask(deal))).toContain('4711');
    const shown = await ask(deal, {}, 'viewer');
    expect(JSON.stringify(shown)).not.toContain('4711');
    expect(shown.ci.redacted).toEqual(['costPerYear']);
    const guess = { where: { has: { contract: { costPerYear: { gt: 4710 } } } } };
    expect(keys(await ask(WHERE, guess))).toEqual(['deal']);
    expect((await ask(WHERE, guess, 'viewer')).errors[0].extensions.code).toBe('CMDB_QUERY_SENSITIVE');
    const other = { where: { other: [{ name: 'costPerYear', eq: 4711 }] } };
    expect(keys(await ask(WHERE, other))).toEqual(['deal']);
    expect(keys(await ask(WHERE, other, 'viewer'))).toEqual([]);
  });
});

describe('the graph', () => {
  it('answers relations, health, impact, history and the past in one question', async () => {
    const { send, ask } = tenant();
    await send('POST', '/import', PLANT);
    await send('PATCH', '/cis/pump', { name: 'Pump', reason: 'translated' });
    const from = new Date(Date.now() - 60_000).toISOString();
    const to = new Date(Date.now() + 3_600_000).toISOString();
    await send('POST', '/maintenance-windows', { ciId: 'web-2', from, to, reason: 'disks' });
    const data = await ask(`{
      ci(is: "shop") {
        health { state own planned }
        relations(direction: out, types: [DEPENDS_ON]) { items { direction redundancyGroup source confidence firstSeenAt ci { key health { state own planned } } } }
        nextLosses { losses { key distance } }
      }
      pump: ci(is: "pump") {
        attributes(names: ["powerKw", "none"])
        reachable { items { distance ci { key } } truncated }
        impact { affectedCount services { key state causeChain { key } } }
        history { items { version reason } }
        asOf(at: "1") { name }
      }
      nobody: ci(is: "nobody") { key }
      presentImpact { failed { key planned } services { key state } }
      whatIf(fail: [{ ci: "web-1" }]) { difference { services { key before after } } }
      rootCauses(alarms: [{ ci: "web-1" }, { ci: "shop", state: degraded }]) { causes { key score } }
      singlePointsOfFailure { points { key servicesDown } }
      search(text: "rigid") { total items { ci { key } highlights { field } } }
      asOf(at: "1", ci: "pump") { ci { name } cis { key } relations { type } }
      impactAsOf(at: "1", failed: [{ ci: "pump" }]) { services { key } }
      diff(from: "1") { items { key change fields { field before after } } from to }
      model { version ciTypes { name lineage attributes { name kind } } }
      version
      duplicates { items { id } }
      staleCis(before: "2000-01-01") { items { key } }
    }`);
    expect(data).toMatchObject({
      ci: {
        health: { state: 'degraded', own: null },
        relations: {
          items: expect.arrayContaining([
            expect.objectContaining({ redundancyGroup: 'web', source: 'plan', confidence: 1 }),
          ]),
        },
        nextLosses: {
          losses: [
            { key: 'web-1', distance: 1 },
            { key: 'pump', distance: 2 },
            { key: 'bearing', distance: 3 },
          ],
        },
      },
      pump: {
        attributes: { powerKw: 22 },
        reachable: {
          items: [
            { distance: 1, ci: { key: 'web-1' } },
            { distance: 2, ci: { key: 'shop' } },
          ],
          truncated: false,
        },
        impact: {
          affectedCount: 2,
          services: [{ key: 'shop', state: 'down', causeChain: [{ key: 'pump' }, { key: 'web-1' }, { key: 'shop' }] }],
        },
        asOf: { name: '循环水泵' },
      },
      nobody: null,
      presentImpact: { failed: [{ key: 'web-2', planned: true }], services: [{ key: 'shop', state: 'degraded' }] },
      whatIf: { difference: { services: [{ key: 'shop', before: 'degraded', after: 'down' }] } },
      search: { total: 1, items: [{ ci: { key: 'pump' }, highlights: [{ field: 'attributes.mounting' }] }] },
      asOf: { ci: { name: '循环水泵' } },
      impactAsOf: { services: [{ key: 'shop' }] },
      diff: {
        items: [{ key: 'pump', change: 'changed', fields: [{ field: 'name', after: 'Pump' }] }],
        from: '1',
        to: '2',
      },
      version: '2',
      duplicates: { items: [] },
      staleCis: { items: [] },
    });
    const web2 = data.ci.relations.items.find((one: { ci: { key: string } }) => one.ci.key === 'web-2');
    expect(web2.ci.health).toEqual({ state: 'down', own: 'down', planned: true });
    expect(data.pump.history.items[0]).toEqual({ version: '2', reason: 'translated' });
    expect(data.rootCauses.causes.slice(0, 2)).toMatchObject([{ key: 'web-1' }, { key: 'pump' }]);
  });

  it('asks once for each level, however many CIs there are on it', async () => {
    const { send, ask } = tenant();
    const hosts = Array.from({ length: 60 }, (_, index) => `h${index}`);
    const cis = hosts.flatMap((key) => [
      { key, type: 'server' },
      { key: `app-${key}`, type: 'application' },
    ]);
    const relations = hosts.map((key) => ({ from: `app-${key}`, type: 'RUNS_ON', to: key }));
    await send('POST', '/import', { cis, relations });
    const query = `query ($limit: Int!) { cis(where: { type: [server] }, limit: $limit) { items {
      key health { state } history(limit: 2) { items { version } } asOf(at: "1") { name } reachable { items { ci { key } } }
      relations(limit: 5) { items { ci { key relations(limit: 5) { items { type ci { key } } } } } } } } }`;
    const counted = async (limit: number) => {
      statements = [];
      const { cis: page } = await ask(query, { limit });
      expect(page.items).toHaveLength(limit);
      expect(page.items.at(-1)).toMatchObject({
        reachable: { items: [{ ci: { key: expect.stringContaining('app-') } }] },
        relations: { items: [{ ci: { relations: { items: [{ type: 'RUNS_ON' }] } } }] },
      });
      return statements.filter((text) => !text.includes('set_config')).length;
    };
    await counted(1);
    const one = await counted(1);
    // Health and projections are read anew now and then, whoever asks.
    expect(await counted(60)).toBeLessThan(one + 6);
    expect(one).toBeLessThan(25);
  });
});

const RELATIONS = ['DEPENDS_ON', 'PART_OF', 'POWERS', 'RUNS_ON', 'CONNECTED_TO', 'LOCATED_IN'] as const;
const TO_FAILS = new Set(['DEPENDS_ON', 'RUNS_ON', 'CONNECTED_TO']);
type Edge = { from: string; type: (typeof RELATIONS)[number]; to: string };

describe('what is reachable', () => {
  it('equals what a search by hand finds on random graphs, in every direction and depth', async () => {
    const edge = fc.record({ from: fc.nat(9), type: fc.constantFrom(...RELATIONS), to: fc.nat(9) });
    const graphs = fc.sample(
      fc.uniqueArray(edge, { minLength: 5, maxLength: 25, selector: ({ from, type, to }) => `${from} ${type} ${to}` }),
      { numRuns: 4, seed: 20 },
    );
    for (const raw of graphs) {
      const { send, ask } = tenant();
      const relations: Edge[] = raw
        .filter(({ from, to }) => from !== to)
        .map(({ from, type, to }) => ({ from: `n${from}`, type, to: `n${to}` }));
      const cis = Array.from({ length: 10 }, (_, index) => ({ key: `n${index}`, type: 'server' }));
      expect((await send('POST', '/import', { cis, relations })).status).toBe(200);
      for (const direction of ['FAILURE', 'NEED', 'ANY'] as const) {
        for (const [depth, types] of [
          [1, null],
          [2, null],
          [50, null],
          [50, ['DEPENDS_ON', 'PART_OF']],
        ] as const) {
          const { cis: page } = await ask(
            `query ($d: Reach!, $n: Int!, $t: [RelationType!]) { cis { items { key reachable(direction: $d, depth: $n, types: $t) { items { distance ci { key } } truncated } } } }`,
            { d: direction, n: depth, t: types },
          );
          for (const { key, reachable } of page.items) {
            const all = reachedByHand(key, relations, direction, types, 100);
            const expected = new Map([...all].filter(([, distance]) => distance <= depth));
            const found = reachable.items.map((one: { ci: { key: string }; distance: number }) => [
              one.ci.key,
              one.distance,
            ]);
            expect(new Map(found), `${key} ${direction} ${depth} ${types}`).toEqual(expected);
            expect(reachable.truncated).toBe(expected.size < all.size);
          }
        }
      }
      // The REST neighbourhood, whatever the direction, on the same graph.
      for (const { key } of cis) {
        const rest = await send('GET', `/as-of/cis/${key}?at=1&depth=3`);
        const { ci } = await ask(
          `{ ci(is: "${key}") { reachable(direction: ANY, depth: 3) { items { ci { key } } } } }`,
        );
        const found = ci.reachable.items.map((one: { ci: { key: string } }) => one.ci.key);
        expect([...found, key].sort()).toEqual(rest.body.cis.map((one: { key: string }) => one.key).sort());
      }
    }
  });
});

function reachedByHand(
  root: string,
  edges: readonly Edge[],
  direction: string,
  types: readonly string[] | null,
  depth: number,
) {
  const distances = new Map([[root, 0]]);
  for (let distance = 1; distance <= depth; distance++) {
    const frontier = [...distances].filter(([, at]) => at === distance - 1).map(([key]) => key);
    for (const { from, type, to } of edges) {
      if (types !== null && !types.includes(type)) continue;
      const [suffers, causes] = TO_FAILS.has(type) ? [from, to] : [to, from];
      const ways: [string, string][] = [];
      if (direction === 'ANY') ways.push([from, to], [to, from]);
      else if (type !== 'LOCATED_IN') ways.push(direction === 'FAILURE' ? [causes, suffers] : [suffers, causes]);
      for (const [at, next] of ways) if (frontier.includes(at) && !distances.has(next)) distances.set(next, distance);
    }
  }
  distances.delete(root);
  return distances;
}

describe('limits', () => {
  it('refuses what is too deep, too costly or too large before it asks the database, and names figure and limit', async () => {
    const { send, ask } = tenant();
    await send('POST', '/import', PLANT);
    const nested = (levels: number): string =>
      levels === 0 ? 'key' : `relations(limit: 1) { items { ci { ${nested(levels - 1)} } } }`;
    const refused = async (query: string, variables?: object) => {
      await ask('{ version }');
      statements = [];
      const error = await ask(query, variables);
      expect(statements.filter((text) => text.includes('cmdb_ci'))).toEqual([]);
      return error;
    };
    expect(await refused(`{ ci(is: "shop") { ${nested(5)} } }`)).toMatchObject({
      code: 'CMDB_QUERY_TOO_DEEP',
      message: expect.stringMatching(/17 fields deep; 15 are allowed/),
    });
    const costly =
      'query ($n: Int!) { cis(limit: $n) { items { relations(limit: 200) { items { ci { relations(limit: $n) { items { id } } } } } } } }';
    expect(await refused(costly, { n: 200 })).toMatchObject({
      code: 'CMDB_QUERY_TOO_COSTLY',
      message: expect.stringMatching(/may cost \d{7,}; 100000 is allowed/),
    });
    expect((await ask(costly, { n: 1 })).cis).toBeDefined();
    const aliases = Array.from({ length: 60 }, (_, index) => `a${index}: singlePointsOfFailure { total }`).join(' ');
    expect((await refused(`{ ${aliases} }`)).code).toBe('CMDB_QUERY_TOO_COSTLY');
    const bomb = Array.from(
      { length: 30 },
      (_, index) =>
        `fragment F${index} on Query { ${index === 29 ? 'version' : `...F${index + 1} x${index}: version ...F${index + 1}`} }`,
    ).join(' ');
    expect((await refused(`{ ...F0 } ${bomb}`)).code).toBe('CMDB_QUERY_TOO_LARGE');
    expect((await refused('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')).message).toContain(
      'Cannot spread fragment',
    );
    expect(
      (await refused(`{ ${Array.from({ length: 1100 }, (_, index) => `a${index}: version`).join(' ')} }`)).code,
    ).toBe('CMDB_QUERY_TOO_LARGE');
    expect((await refused(`{ ${'a '.repeat(4100)} }`)).code).toBe('CMDB_QUERY_SYNTAX');
    expect((await refused('{ cis { items { key } }')).message).toMatch(/line 1, column \d+/);
    expect((await refused('mutation { remove }')).code).toBe('CMDB_QUERY_INVALID');
    expect((await refused('query A { version } query B { version }')).field).toBe('operationName');
    const introspection = getIntrospectionQuery();
    expect((await ask(introspection)).__schema.queryType.name).toBe('Query');
    expect(
      (await refused('{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }')).code,
    ).toBe('CMDB_QUERY_INVALID');
    const schemas = Array.from({ length: 101 }, (_, index) => `s${index}: __schema { description }`).join(' ');
    expect((await refused(`{ ${schemas} }`)).code).toBe('CMDB_QUERY_TOO_COSTLY');
    const outside = await ask('{ cis(limit: 201) { items { key } } version }');
    expect(outside.errors).toMatchObject([{ path: ['cis'], extensions: { code: 'CMDB_QUERY_ARGUMENT' } }]);
  });
});
