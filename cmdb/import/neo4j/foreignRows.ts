import { cmdbErrors } from '../../errors.ts';
import {
  contentsOf,
  countNodes,
  countRelations,
  eachNode,
  eachRelation,
} from '../../graph/neo4j/foreign/readForeign.ts';
import type { Neo4jTransaction } from '../../graph/neo4j/session.ts';
import { type CiRow, checkedKey, type ImportRows, Notes, type RelationRow } from '../rows.ts';
import type { Mapping } from './mapping.ts';

type Properties = Readonly<Record<string, unknown>>;

/** Of one reading: it is held in memory until it is written. */
const MOST_NODES = 500_000;
const MOST_RELATIONS = 2_000_000;

/**
 * Reads what a mapping names of a site's graph as the rows of an import.
 *
 * @param source what messages call it
 * @throws {FaultlineError} CMDB_GRAPH_SOURCE_LABEL for a label that no node has, CMDB_GRAPH_SOURCE_LARGE,
 *   CMDB_IMPORT_LINE
 */
export async function foreignRows(tx: Neo4jTransaction, source: string, mapping: Mapping): Promise<ImportRows> {
  const notes = new Notes();
  await checkSizes(tx, mapping, notes);
  const keys = new Map<string, string>();
  const cis: CiRow[] = [];
  for (const told of mapping.labels) {
    const file = `${source} :${told.label}`;
    let line = 0;
    await eachNode(tx, told.label, ({ id, properties }) => {
      line++;
      if (keys.has(id)) return; // an earlier label has said what it is
      const held = textOf(properties[told.key]);
      if (held === undefined)
        return notes.add(`Neo4j: a node :${told.label} without the property ${told.key}; left out.`);
      const key = checkedKey({ file, line }, told.key, `${told.keyPrefix}${held}`);
      keys.set(id, key);
      const name = told.name === undefined ? undefined : textOf(properties[told.name]);
      const status = told.status === undefined ? undefined : textOf(properties[told.status]);
      const used = [told.key, ...(told.name ? [told.name] : []), ...(told.status ? [told.status] : [])];
      cis.push({
        ...{ file, line, key, type: told.type, sourceType: told.label },
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        attributes: taken(properties, told.attributes, used),
      });
    });
  }
  const relations: RelationRow[] = [];
  for (const told of mapping.relations) {
    const file = `${source} [:${told.relation}]`;
    let line = 0;
    await eachRelation(tx, told.relation, ({ fromId, toId, properties }) => {
      line++;
      const [from, to] = [keys.get(fromId), keys.get(toId)];
      if (from === undefined || to === undefined) {
        return notes.add(`Neo4j: a relation ${told.relation} of a node that is not taken; left out.`);
      }
      if (from === to) return notes.add(`Neo4j: a relation ${told.relation} of a node with itself; left out.`);
      const group = told.group === undefined ? undefined : textOf(properties[told.group]);
      relations.push({
        ...{ file, line, type: told.type, sourceType: told.relation, loose: true },
        ...(told.reversed ? { from: to, to: from } : { from, to }),
        ...(group === undefined ? {} : { group }),
        attributes: taken(properties, told.attributes, told.group === undefined ? [] : [told.group]),
      });
    });
  }
  return { cis, relations, contacts: [], notes: notes.list() };
}

/**
 * A label that no node has is a mistake, not an empty graph: taken for one, it would mark all that it gave before as gone.
 * The last relation of a type may well have gone: that is told, and refuses nothing.
 */
async function checkSizes(tx: Neo4jTransaction, { labels, relations }: Mapping, notes: Notes): Promise<void> {
  let nodes = 0;
  for (const label of new Set(labels.map((one) => one.label))) {
    const count = await countNodes(tx, label);
    if (count === 0) throw await unknownLabel(tx, label);
    nodes += count;
  }
  let ties = 0;
  for (const relation of new Set(relations.map((one) => one.relation))) {
    const count = await countRelations(tx, relation);
    if (count === 0) notes.add(`Neo4j: no relation ${relation} is there; see that the mapping names it rightly.`);
    ties += count;
  }
  if (nodes > MOST_NODES) throw cmdbErrors.CMDB_GRAPH_SOURCE_LARGE({ what: 'nodes', total: nodes, most: MOST_NODES });
  if (ties > MOST_RELATIONS) {
    throw cmdbErrors.CMDB_GRAPH_SOURCE_LARGE({ what: 'relations', total: ties, most: MOST_RELATIONS });
  }
}

async function unknownLabel(tx: Neo4jTransaction, label: string): Promise<Error> {
  const { labels } = await contentsOf(tx);
  const known = labels.slice(0, 30).map((one) => one.label);
  return cmdbErrors.CMDB_GRAPH_SOURCE_LABEL({ label, known }, { field: 'mapping' });
}

/** Properties under the names of attributes; all of them but those used otherwise, where none is named. */
function taken(properties: Properties, names: Mapping['labels'][number]['attributes'], used: readonly string[]) {
  const entries = Object.entries(properties).filter(([, value]) => value !== null);
  if (names === undefined) return Object.fromEntries(entries.filter(([name]) => !used.includes(name)));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (Object.hasOwn(names, name) ? [[names[name]!, value] as const] : [])),
  );
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
