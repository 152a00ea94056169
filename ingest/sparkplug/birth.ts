import type { Definition } from '../decode/sparkplug/envelope.ts';
import type { Metric, SparkplugPayload } from '../decode/sparkplug/model.ts';
import { pointNameOf } from '../decode/sparkplug/pointName.ts';

/** What a birth certificate says: the metrics of one edge node or device until its death or next birth. */
export interface Birth {
  bdSeq: bigint | null;
  byName: ReadonlyMap<string, Definition>;
  byAlias: ReadonlyMap<bigint, Definition>;
}

/** Reads the definitions out of a birth. Two metrics that would be one point name each other: neither is stored. */
export function birthOf(payload: SparkplugPayload): Birth {
  const owner = new Map<string, string>();
  const clashes = new Map<string, string>();
  for (const { name } of payload.metrics) {
    if (!name) continue;
    const point = pointNameOf(name);
    const other = owner.get(point);
    if (other === undefined) owner.set(point, name);
    else if (other !== name) clashes.set(name, other).set(other, name);
  }
  const byName = new Map<string, Definition>();
  const byAlias = new Map<bigint, Definition>();
  for (const { name, alias, datatype, unit } of payload.metrics) {
    if (!name) continue;
    const clash = clashes.get(name);
    const definition: Definition = clash === undefined ? [name, datatype, unit] : [name, datatype, unit, clash];
    byName.set(name, definition);
    if (alias !== null) byAlias.set(alias, definition);
  }
  return { bdSeq: bdSeqOf(payload), byName, byAlias };
}

/** Which life of the edge node a birth or death belongs to. */
export function bdSeqOf({ metrics }: SparkplugPayload): bigint | null {
  const value = metrics.find(({ name }) => name === 'bdSeq')?.value;
  if (value?.in === 'long') return value.value;
  return value?.in === 'int' ? BigInt(value.value) : null;
}

/** What the birth says of each metric of a message. @returns the alias that it does not know, if there is one */
export function definitionsOf(birth: Birth, metrics: readonly Metric[]): (Definition | null)[] | { alias: bigint } {
  const definitions: (Definition | null)[] = [];
  for (const { name, alias } of metrics) {
    const found =
      (name ? birth.byName.get(name) : undefined) ?? (alias === null ? undefined : birth.byAlias.get(alias));
    if (found === undefined && !name && alias !== null) return { alias };
    definitions.push(found ?? null);
  }
  return definitions;
}
