import { createHash } from 'node:crypto';
import type { GraphEdge, GraphNode, GraphSink, Sighted } from './assetGraph.ts';

/** Counts of a graph, and a sum over all of it that does not depend on the order in which it is read. */
export interface GraphSum {
  readonly nodes: number;
  readonly relations: number;
  /** Hexadecimal. */
  readonly checksum: string;
}

const HASH_BYTES = 6;
const MODULUS = 2 ** 48;

/** Takes a graph as it is read and sums it. O(graph) time, O(1) memory. */
export function summing(): GraphSink & { sum(): GraphSum } {
  let nodes = 0;
  let relations = 0;
  let total = 0;
  const add = (text: string) => {
    total = (total + createHash('sha256').update(text).digest().readUIntBE(0, HASH_BYTES)) % MODULUS;
  };
  return {
    nodes: (batch) => {
      nodes += batch.length;
      for (const node of batch) add(nodeText(node));
    },
    edges: (batch) => {
      relations += batch.length;
      for (const edge of batch) add(edgeText(edge));
    },
    sum: () => ({ nodes, relations, checksum: total.toString(16).padStart(2 * HASH_BYTES, '0') }),
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
