import { createHash } from 'node:crypto';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { keptAttributes } from '../model/keptAttributes.ts';
import type { GraphEdge, GraphNode, GraphSink, Sighted } from './assetGraph.ts';
import type { Tie, TieKind } from './tie.ts';

/** Counts of a graph, and a sum over all of it that does not depend on the order in which it is read. */
export interface GraphSum {
  readonly nodes: number;
  readonly relations: number;
  /** Work orders and anomalies. */
  readonly ties: number;
  /** Hexadecimal. */
  readonly checksum: string;
}

/** Something tied to CIs, with the CIs that it is tied to in the graph. */
export interface DrawnTie extends Tie {
  readonly kind: TieKind;
  readonly drawn: readonly string[];
}

const HASH_BYTES = 6;
const MODULUS = 2 ** 48;

/** What sums a graph as it is read. */
export interface Summing extends GraphSink {
  ties(drawn: readonly DrawnTie[]): void;
  sum(): GraphSum;
}

/**
 * Takes a graph as it is read and sums it. O(graph) time, O(1) memory.
 *
 * @param model whose sensitive attributes are left out, as they are in Neo4j
 */
export function summing(model: CmdbModel): Summing {
  let nodes = 0;
  let relations = 0;
  let tied = 0;
  let total = 0;
  const add = (text: string) => {
    total = (total + createHash('sha256').update(text).digest().readUIntBE(0, HASH_BYTES)) % MODULUS;
  };
  return {
    nodes: (batch) => {
      nodes += batch.length;
      for (const node of batch) add(nodeText({ ...node, attributes: keptAttributes(model, node) }));
    },
    edges: (batch) => {
      relations += batch.length;
      for (const edge of batch) add(edgeText(edge));
    },
    ties: (drawn) => {
      tied += drawn.length;
      for (const tie of drawn) add(tieText(tie));
    },
    sum: () => ({ nodes, relations, ties: tied, checksum: total.toString(16).padStart(2 * HASH_BYTES, '0') }),
  };
}

function nodeText(node: GraphNode): string {
  const { id, key, type, name, status, attributes } = node;
  return JSON.stringify(['ci', id, key, type, name, status ?? null, ordered(attributes ?? {}), ...seenOf(node)]);
}

function edgeText(edge: GraphEdge): string {
  const { fromId, type, toId, group, minUp, minUpPercent, weight, role, source, confidence } = edge;
  return JSON.stringify([
    ...['relation', fromId, type, toId, group, minUp, minUpPercent ?? null, weight ?? null, role],
    ...[source ?? null, confidence ?? 1],
    ...seenOf(edge),
  ]);
}

function tieText({ kind, id, ciId, properties, drawn }: DrawnTie): string {
  const told = Object.entries(properties)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]);
  return JSON.stringify(['tie', kind, id, ciId, ordered(Object.fromEntries(told)), drawn]);
}

function seenOf({ firstSeenAtMs, lastSeenAtMs }: Sighted): (number | null)[] {
  return [firstSeenAtMs ?? null, lastSeenAtMs ?? null];
}

/** The same value with the names of all objects in order: stores keep them as they like. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}
