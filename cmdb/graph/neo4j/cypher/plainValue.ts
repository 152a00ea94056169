import neo4j from 'neo4j-driver';

/** A value of Neo4j as JSON tells it: nodes, relations and paths by what they hold, times as ISO 8601. */
export function plainValue(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (neo4j.isNode(value)) {
    return { id: value.elementId, labels: value.labels, properties: plainMap(value.properties) };
  }
  if (neo4j.isRelationship(value)) {
    const { elementId: id, type, startNodeElementId: from, endNodeElementId: to, properties } = value;
    return { id, type, from, to, properties: plainMap(properties) };
  }
  if (neo4j.isUnboundRelationship(value)) {
    return { id: value.elementId, type: value.type, properties: plainMap(value.properties) };
  }
  if (neo4j.isPath(value)) {
    const { start, segments } = value;
    return {
      nodes: [start, ...segments.map(({ end }) => end)].map(plainValue),
      relations: segments.map(({ relationship }) => plainValue(relationship)),
    };
  }
  if (neo4j.isPoint(value)) {
    const { srid, x, y, z } = value;
    return { srid: Number(srid), x, y, ...(z === undefined || z === null ? {} : { z }) };
  }
  if (isTime(value)) return String(value);
  return plainMap(value as Record<string, unknown>);
}

function plainMap(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, plainValue(inner)]));
}

function isTime(value: object): boolean {
  return (
    neo4j.isDate(value) ||
    neo4j.isDateTime(value) ||
    neo4j.isDuration(value) ||
    neo4j.isLocalDateTime(value) ||
    neo4j.isLocalTime(value) ||
    neo4j.isTime(value)
  );
}
