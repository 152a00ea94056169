import { ALIASES } from '../csv.ts';
import { camelCased, plainColumn } from '../csvRecords.ts';
import {
  type CiRow,
  checkedKey,
  checkedMinUp,
  checkedPercent,
  checkedWeight,
  Notes,
  type Place,
  type RelationRow,
} from '../rows.ts';
import type { FormatReader } from './reader.ts';
import { isRecord, textOf } from './sourceFile.ts';

/**
 * Graphs as libraries write them: `{nodes, edges}` or `{nodes, links}` (NetworkX, D3), with `elements` around and `data`
 * inside (Cytoscape). Fields have the names that the columns of our tables may have.
 */
export const nodeLink: FormatReader = {
  format: 'node-link JSON',
  recognises: (content) =>
    content.notation === 'documents' && content.written === 'tree' && content.documents.some(isGraph),
  rows: (contents) => {
    const notes = new Notes();
    const cis: CiRow[] = [];
    const relations: RelationRow[] = [];
    for (const content of contents) {
      if (content.notation !== 'documents') continue;
      for (const document of content.documents.map(graphOf)) {
        if (document === null) continue;
        for (const [at, node] of document.nodes.entries())
          cis.push(ciRow({ file: `${content.file} nodes`, line: at + 1 }, node));
        for (const [at, edge] of document.edges.entries())
          relations.push(relationRow({ file: `${content.file} edges`, line: at + 1 }, edge, notes));
      }
    }
    return { cis, relations, contacts: [], notes: notes.list() };
  },
};

interface Graph {
  readonly nodes: readonly unknown[];
  readonly edges: readonly unknown[];
}

function isGraph(document: unknown): boolean {
  return graphOf(document) !== null;
}

function graphOf(document: unknown): Graph | null {
  if (!isRecord(document)) return null;
  const { nodes, edges, links } = isRecord(document.elements) ? document.elements : document;
  const joined = edges ?? links;
  return Array.isArray(nodes) && Array.isArray(joined) ? { nodes, edges: joined } : null;
}

/** One node or edge: what is told under our names, and the rest. */
class Item {
  readonly place: Place;
  readonly #values = new Map<string, unknown>();
  readonly #taken = new Set<string>();

  constructor(place: Place, item: unknown) {
    this.place = place;
    const fields = isRecord(item) && isRecord(item.data) ? item.data : item;
    for (const [field, value] of Object.entries(isRecord(fields) ? fields : { id: fields }))
      if (value !== null && value !== '') this.#values.set(field, value);
  }

  get(name: string): string | undefined {
    for (const alias of ALIASES[name]!) {
      for (const [field, value] of this.#values) {
        if (plainColumn(field) !== alias || this.#taken.has(field)) continue;
        // An end may be written out as the node that it is.
        const text = textOf(isRecord(value) ? (value.id ?? value.key) : value);
        if (text === undefined) continue;
        this.#taken.add(field);
        return text;
      }
    }
    return undefined;
  }

  rest(): Record<string, unknown> {
    const rest = [...this.#values].filter(([field]) => !this.#taken.has(field));
    return Object.fromEntries(rest.map(([field, value]) => [camelCased(plainColumn(field)), value]));
  }
}

function ciRow(place: Place, node: unknown): CiRow {
  const item = new Item(place, node);
  const key = checkedKey(place, 'id', item.get('key'));
  const type = item.get('type') ?? 'configuration_item';
  const [name, status] = [item.get('name'), item.get('status')?.toLowerCase()];
  const told = { ...(name === undefined ? {} : { name }), ...(status === undefined ? {} : { status }) };
  return { ...place, key, type, ...told, attributes: item.rest() };
}

function relationRow(place: Place, edge: unknown, notes: Notes): RelationRow {
  const item = new Item(place, edge);
  const from = checkedKey(place, 'source', item.get('from'));
  const to = checkedKey(place, 'target', item.get('to'));
  const type = item.get('relation') ?? item.get('name');
  if (type === undefined)
    notes.add(
      'Edges without a type: taken as DEPENDS_ON, the source needs the target. Write type where it is otherwise.',
    );
  const group = item.get('group');
  const [minUp, percent, weight] =
    group === undefined ? [] : [item.get('minUp'), item.get('minUpPercent'), item.get('weight')];
  return {
    ...place,
    ...{ from, type: type ?? 'DEPENDS_ON', to },
    ...(group === undefined ? {} : { group }),
    ...(minUp === undefined ? {} : { minUp: checkedMinUp(place, 'min_up', minUp) }),
    ...(percent === undefined ? {} : { minUpPercent: checkedPercent(place, 'min_up_percent', percent) }),
    ...(weight === undefined ? {} : { weight: checkedWeight(place, 'weight', weight) }),
    attributes: item.rest(),
    loose: true,
  };
}
