import { randomUUID } from 'node:crypto';
import {
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  option,
  record,
  string,
  uniqueArray,
} from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { summing } from '../graph/graphSum.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

/** The sum of a graph with keys in the place of ids, which every tenant has its own of. */
async function sumOf(tenantId: string) {
  const sum = summing(await http.cmdb.graph.model(tenantId));
  const keys = new Map<string, string>();
  await http.cmdb.graph.load(
    tenantId,
    () => ({
      nodes: (batch: readonly GraphNode[]) => {
        for (const node of batch) keys.set(node.id, node.key);
        return sum.nodes(batch.map((node) => ({ ...node, id: node.key })));
      },
      edges: (batch: readonly GraphEdge[]) =>
        sum.edges(batch.map((edge) => ({ ...edge, fromId: keys.get(edge.fromId)!, toId: keys.get(edge.toId)! }))),
    }),
    'whole',
  );
  return sum.sum();
}

async function exported(tenantId: string, format: string): Promise<string> {
  const headers = { authorization: `Bearer ${tenantId}|viewer` };
  const response = await http.app.inject({ url: `/api/v1/cmdb/export?format=${format}`, headers });
  expect(response.statusCode).toBe(200);
  return response.body;
}

async function importInto(tenantId: string, body: object): Promise<void> {
  const { status, body: answer } = await http.send('POST', '/import', body, { tenantId });
  expect([status, answer.error]).toEqual([200, undefined]);
}

// What PostgreSQL's text cannot hold is refused when it is written; everything else must come through.
const UNHELD = /[\p{Cs}\0]/u;
const CONTROL = /\p{Cc}/gu;
const word = string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !UNHELD.test(text));
const key = word.map((text) => text.replace(CONTROL, '_').trim()).filter((text) => text !== '');
const awkward = constantFrom(
  '=1+1',
  "'quoted",
  '+49',
  '-',
  '@sum',
  'a,b;c',
  'line\nbreak',
  '"',
  ' led',
  '07',
  'true',
  'null',
  '\u2028',
);
const value = jsonValue({ maxDepth: 2, noUnicodeString: true }).filter(
  (one) => !JSON.stringify(one).includes('\\u0000'),
);
const graphs = record({
  cis: uniqueArray(
    record({
      key: key,
      type: constantFrom('server', 'application', 'rack', 'team', 'configuration_item'),
      name: option(constantFrom('=HYPERLINK("x")', 'Höhe', '泵站', ' led '), { nil: undefined }),
      status: option(constantFrom('active', 'Retired', "'s"), { nil: undefined }),
      attributes: dictionary(
        word.filter((text) => text !== '__proto__'),
        value,
        { maxKeys: 4 },
      ),
    }),
    { selector: (ci) => ci.key, minLength: 2, maxLength: 8 },
  ),
  relations: uniqueArray(
    record({
      from: integer({ min: 0, max: 7 }),
      to: integer({ min: 0, max: 7 }),
      type: constantFrom('DEPENDS_ON', 'PART_OF', 'LOCATED_IN', 'RELATED_TO'),
      group: option(
        record({
          redundancy_group: awkward,
          share: constantFrom('min_up', 'min_up_percent'),
          weight: constantFrom(1, 7),
        }),
        {
          nil: undefined,
        },
      ),
      confidence: option(constantFrom(0, 0.25, 1), { nil: undefined }),
      source: option(awkward, { nil: undefined }),
    }),
    { selector: ({ from, type, to }) => `${from} ${type} ${to}`, maxLength: 10 },
  ),
});

it('exports a graph that imports to the same graph, in every format', async () => {
  await assert(
    asyncProperty(graphs, async ({ cis, relations }) => {
      const told = relations
        .filter(({ from, to }) => from !== to && from < cis.length && to < cis.length)
        .map(({ from, to, group, ...rest }) => ({
          ...rest,
          from: cis[from]!.key,
          to: cis[to]!.key,
          ...(group && { redundancy_group: group.redundancy_group, [group.share]: 2, weight: group.weight }),
        }));
      const tenant = randomUUID();
      await importInto(tenant, { cis, relations: told, source: 'origin' });
      const sum = await sumOf(tenant);
      expect(sum.nodes).toBe(cis.length);
      const formats = [['json'], ['yaml'], ['csv-cis', 'csv-relations']];
      for (const parts of formats) {
        const other = randomUUID();
        const files = await Promise.all(parts.map(async (part) => ({ content: await exported(tenant, part) })));
        await importInto(other, { files });
        expect(await sumOf(other), parts[0]!).toEqual(sum);
      }
    }),
    { numRuns: 12, seed: 20_261_122 },
  );
});

it('writes no cell that a spreadsheet would take for a formula', async () => {
  const tenant = randomUUID();
  await importInto(tenant, { cis: [{ key: '=cmd', type: 'server', name: "=HYPERLINK('http://x')", status: '@x' }] });
  const [, line] = (await exported(tenant, 'csv-cis')).split('\n');
  expect(line).toMatch(/^"'=cmd","server","'=HYPERLINK\('http:\/\/x'\)","'@x"/);
});

it('exports an empty graph to something that says so', async () => {
  const tenant = randomUUID();
  expect(JSON.parse(await exported(tenant, 'json'))).toEqual({ version: '0', cis: [], relations: [] });
  expect(await exported(tenant, 'csv-relations')).toMatch(/^"from","type","to"/);
});
