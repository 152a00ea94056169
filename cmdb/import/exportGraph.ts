import { stringify } from 'csv-stringify/sync';
import type { Database, Tx } from '../../platform/index.ts';
import { declareAtOneVersion, drain } from '../graph/postgres/cursors.ts';
import { type Reader, readingAs, redactedCi } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import { escapedCell } from './csv.ts';

export type ExportFormat = 'json' | 'yaml' | 'csv-cis' | 'csv-relations';

interface CiLine {
  key: string;
  type: string;
  name: string;
  status: string;
  attributes: Record<string, unknown>;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

interface RelationLine {
  from: string;
  type: string;
  to: string;
  redundancy_group: string | null;
  min_up: number | null;
  min_up_percent: number | null;
  weight: number | null;
  attributes: Record<string, unknown>;
  source: string | null;
  confidence: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

const FETCH_ROWS = 5_000;

/**
 * Writes one consistent version of a tenant's graph as text that imports to the same graph, in the order of the keys.
 * @param reader  without the right to sensitive attributes, or to restricted CIs, these are left out
 * @param write  takes the text piece by piece; reading waits for it
 */
export async function exportGraph(
  db: Database,
  reader: Reader & { readonly tenantId: string },
  format: ExportFormat,
  write: (text: string) => Promise<void>,
): Promise<void> {
  await readingAs(db, reader, async (tx) => {
    const version = await declareCursors(tx);
    const { head, cis, between, relations, tail } = writers(format, version);
    await write(head);
    const model = await currentModel(tx);
    const shown = (ci: CiLine) => redactedCi(model, reader, ci);
    if (cis !== null)
      await drain<CiLine>(tx, 'export_cis', FETCH_ROWS, (rows, first) => write(cis(rows.map(shown), first)));
    await write(between);
    if (relations !== null) {
      await drain<RelationLine>(tx, 'export_relations', FETCH_ROWS, (rows, first) => write(relations(rows, first)));
    }
    await write(tail);
  });
}

function declareCursors(tx: Tx): Promise<bigint> {
  return declareAtOneVersion(tx, {
    export_cis: {
      query: `
        select key, type, name, status, attributes, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
        from cmdb_ci where tenant_id = $1 order by key`,
      values: [tx.tenantId],
    },
    export_relations: {
      query: `
        select f.key as "from", r.type, t.key as "to", r.redundancy_group, r.min_up,
               r.min_up_percent::float8 as min_up_percent, r.weight::int as weight, r.attributes, r.source, r.confidence,
               r.first_seen_at as "firstSeenAt", r.last_seen_at as "lastSeenAt"
        from cmdb_relation r
        join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
        join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
        where r.tenant_id = $1 order by f.key, r.type, t.key`,
      values: [tx.tenantId],
    },
  });
}

interface Writers {
  readonly head: string;
  readonly cis: ((rows: readonly CiLine[], first: boolean) => string) | null;
  readonly between: string;
  readonly relations: ((rows: readonly RelationLine[], first: boolean) => string) | null;
  readonly tail: string;
}

function writers(format: ExportFormat, version: bigint): Writers {
  const none = { head: '', cis: null, between: '', relations: null, tail: '' };
  switch (format) {
    case 'json': {
      const list = (rows: readonly object[], first: boolean) =>
        `${first ? '' : ','}\n${rows.map((row) => JSON.stringify(row)).join(',\n')}`;
      return {
        head: `{"version":"${version}","cis":[`,
        cis: (rows, first) => list(rows.map(ciItem), first),
        between: '\n],"relations":[',
        relations: (rows, first) => list(rows.map(relationItem), first),
        tail: '\n]}\n',
      };
    }
    case 'yaml': {
      // One item per line as a flow mapping, which JSON is: short to read, and differences show line by line.
      const list = (rows: readonly object[]) => rows.map((row) => `\n  - ${printable(JSON.stringify(row))}`).join('');
      return {
        head: `version: "${version}"\ncis:`,
        cis: (rows) => list(rows.map(ciItem)),
        between: '\nrelations:',
        relations: (rows) => list(rows.map(relationItem)),
        tail: '\n',
      };
    }
    case 'csv-cis':
      return { ...none, head: csv([CI_HEADER]), cis: (rows) => csv(rows.map(ciRecord)) };
    case 'csv-relations':
      return { ...none, head: csv([RELATION_HEADER]), relations: (rows) => csv(rows.map(relationRecord)) };
  }
}

function ciItem({ key, type, name, status, attributes, firstSeenAt, lastSeenAt }: CiLine): object {
  return {
    key,
    type,
    name,
    status,
    attributes,
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
  };
}

function relationItem(relation: RelationLine): object {
  const { redundancy_group, min_up, min_up_percent, weight, source, firstSeenAt, lastSeenAt, ...rest } = relation;
  return {
    ...rest,
    // Told also where there is none: the relation's type may have a usual one.
    redundancy_group,
    ...(min_up === null ? {} : { min_up }),
    ...(min_up_percent === null ? {} : { min_up_percent }),
    ...(weight === null ? {} : { weight }),
    ...(source === null ? {} : { source }),
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
  };
}

/** YAML 1.2, section 5.1: characters that must be escaped, which JSON leaves as they are. */
function printable(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const CI_HEADER = ['key', 'type', 'name', 'status', 'attributes_json', 'first_seen_at', 'last_seen_at'];
const RELATION_HEADER = [
  ...['from', 'type', 'to', 'redundancy_group', 'min_up', 'min_up_percent', 'weight', 'told_by', 'confidence'],
  ...['attributes_json', 'first_seen_at', 'last_seen_at'],
];

function ciRecord(ci: CiLine): string[] {
  const told = [ci.key, ci.type, ci.name, ci.status].map(escapedCell);
  return [...told, JSON.stringify(ci.attributes), ci.firstSeenAt.toISOString(), ci.lastSeenAt.toISOString()];
}

function relationRecord(relation: RelationLine): string[] {
  const { from, type, to, redundancy_group: group, min_up: minUp, source, confidence, attributes } = relation;
  return [
    ...[from, type, to, group ?? ''].map(escapedCell),
    ...[minUp, relation.min_up_percent, relation.weight].map((value) => (value === null ? '' : String(value))),
    escapedCell(source ?? ''),
    String(confidence),
    JSON.stringify(attributes),
    relation.firstSeenAt.toISOString(),
    relation.lastSeenAt.toISOString(),
  ];
}

function csv(records: readonly (readonly string[])[]): string {
  return stringify(records as string[][], { quoted: true });
}
