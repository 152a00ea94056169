import type { Transaction } from 'neo4j-driver';
import { plainValue } from '../cypher/plainValue.ts';

/** A node of a site's graph. */
export interface ForeignNode {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface ForeignRelation {
  readonly fromId: string;
  readonly toId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What stands in a site's graph, by count. */
export interface ForeignContents {
  readonly labels: readonly {
    readonly label: string;
    readonly count: number;
    readonly properties: readonly ForeignProperty[];
  }[];
  readonly relations: readonly {
    readonly relation: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly count: number;
  }[];
}

export interface ForeignProperty {
  readonly name: string;
  /** Nodes of the label that have it. */
  readonly count: number;
  /** Different values among the nodes of the label: as many as nodes is what a key can be. */
  readonly different: number;
}

/** Most kinds that are listed. */
const MOST_LISTED = 200;

/** Labels, relations and properties with their counts. O(graph) at the server. */
export async function contentsOf(tx: Transaction): Promise<ForeignContents> {
  const labels = await rowsOf(
    tx,
    'MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS count ORDER BY count DESC LIMIT toInteger($most)',
  );
  const properties = await rowsOf(
    tx,
    `MATCH (n) UNWIND labels(n) AS label UNWIND keys(n) AS name
     RETURN label, name, count(*) AS count, count(DISTINCT n[name]) AS different
     ORDER BY label, count DESC, name LIMIT toInteger($most) * 20`,
  );
  const relations = await rowsOf(
    tx,
    `MATCH (a)-[r]->(b) RETURN type(r) AS relation, labels(a) AS from, labels(b) AS to, count(*) AS count
     ORDER BY count DESC LIMIT toInteger($most)`,
  );
  return {
    labels: labels.map(({ label, count }) => ({
      ...{ label: String(label), count: Number(count) },
      properties: properties
        .filter((one) => one.label === label)
        .map(({ name, count, different }) => ({
          name: String(name),
          count: Number(count),
          different: Number(different),
        })),
    })),
    relations: relations.map(({ relation, from, to, count }) => ({
      ...{ relation: String(relation), from: from as string[], to: to as string[], count: Number(count) },
    })),
  };
}

async function rowsOf(tx: Transaction, query: string): Promise<Record<string, unknown>[]> {
  const { records } = await tx.run(query, { most: MOST_LISTED });
  return records.map((record) => record.toObject());
}

/** How many nodes have a label. */
export async function countNodes(tx: Transaction, label: string): Promise<number> {
  const { records } = await tx.run(`MATCH (n:${quoted(label)}) RETURN count(n) AS count`);
  return Number(records[0]!.get('count'));
}

/** How many relations are of a type. */
export async function countRelations(tx: Transaction, relation: string): Promise<number> {
  const { records } = await tx.run(`MATCH ()-[r:${quoted(relation)}]->() RETURN count(r) AS count`);
  return Number(records[0]!.get('count'));
}

/** The nodes of a label, one by one as they come. */
export async function eachNode(tx: Transaction, label: string, take: (node: ForeignNode) => void): Promise<void> {
  const query = `MATCH (n:${quoted(label)}) RETURN elementId(n) AS id, properties(n) AS properties`;
  for await (const record of tx.run(query)) {
    take({
      id: record.get('id') as string,
      properties: plainValue(record.get('properties')) as ForeignNode['properties'],
    });
  }
}

/** The relations of a type, one by one as they come. */
export async function eachRelation(
  tx: Transaction,
  relation: string,
  take: (relation: ForeignRelation) => void,
): Promise<void> {
  const query = `MATCH (a)-[r:${quoted(relation)}]->(b)
    RETURN elementId(a) AS from, elementId(b) AS to, properties(r) AS properties`;
  for await (const record of tx.run(query)) {
    take({
      ...{ fromId: record.get('from') as string, toId: record.get('to') as string },
      properties: plainValue(record.get('properties')) as ForeignRelation['properties'],
    });
  }
}

/** A label or type as a name in a query, which takes no parameter in its place before Neo4j 5.26. */
function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
