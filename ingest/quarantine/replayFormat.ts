import type { Sql } from '../../platform/index.ts';
import type { DecodeContext, PayloadFormat, TelemetryDecoding, TelemetryFormat } from '../decode/index.ts';
import type { MappedFormat } from '../mapping/compile.ts';
import { type FormatShelf, isMapped } from '../mapping/shelf.ts';
import type { QuarantinedMessage } from './quarantine.ts';

/** What a message that named no format was taken for, before its device had a type. */
const UNTYPED = 'json';

export interface ReplayFormat {
  /** Null: it is known no more. */
  format: PayloadFormat | null;
  /** The name under which what is left stays in quarantine. */
  kept: string;
  /** The units concerned, as positions by this format; null: all. */
  unitIndexes: number[] | null;
}

/**
 * The format to decode a quarantined message by: that of the device's type as it is today, for to correct a mapping is
 * what a replay is for; a format that the message named itself stays.
 *
 */
export async function replayFormat(
  tx: Sql,
  formats: FormatShelf,
  tenantId: string,
  entry: QuarantinedMessage,
): Promise<ReplayFormat> {
  const { format: taken, unitIndexes } = entry;
  const today = isMapped(taken) || taken === UNTYPED ? await typeFormat(tx, tenantId, entry.deviceId) : null;
  await formats.loadIn(tx, [taken, today]);
  if (today === null || today === taken) return { format: formats.find(taken), kept: taken, unitIndexes };
  const format = formats.find(taken);
  // Nothing of the message was stored: there is nothing to line up with.
  if (unitIndexes === null || (format && unitIndexes.length === unitsIn(format, entry)))
    return { format: formats.find(today), kept: today, unitIndexes: null };
  const before = formats.mapped(taken);
  const now = formats.mapped(today);
  // The entry's positions are those of the version it came in under; they stay what the entry names.
  return { format: before && now ? realigned(before, now, unitIndexes) : format, kept: taken, unitIndexes };
}

function unitsIn(format: PayloadFormat, { payload }: QuarantinedMessage): number {
  return format.count(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength), 0, payload.byteLength);
}

async function typeFormat(tx: Sql, tenantId: string, deviceId: string): Promise<string | null> {
  const { rows } = await tx.query<{ format: string | null }>(
    `select case when t.mapping_version_id is null then t.telemetry_format else 'mapped:' || t.mapping_version_id end as format
       from device d join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id
      where d.tenant_id = $1 and d.id = $2`,
    [tenantId, deviceId],
  );
  return rows[0]?.format ?? null;
}

/**
 * Another version of a mapping may find more or fewer readings in a message, and so count them differently: those asked
 * for are found again by the place where their values stand, and keep the positions that their identity rests on.
 */
function realigned(before: MappedFormat, now: MappedFormat, indexes: readonly number[]): TelemetryFormat {
  const decode = (payload: Uint8Array, context: DecodeContext): TelemetryDecoding => {
    const placesBefore = distinct(before.trace(payload, context).places);
    const wanted = new Map(indexes.map((index) => [placesBefore[index], index]));
    const { decoding, places } = now.trace(payload, context);
    if (!decoding.ok) return decoding;
    const found = distinct(places);
    const moved = <T extends { index: number }>(unit: T): T[] => {
      const index = wanted.get(found[unit.index]);
      return index === undefined ? [] : [{ ...unit, index }];
    };
    return { ok: true, samples: decoding.samples.flatMap(moved), rejected: decoding.rejected.flatMap(moved) };
  };
  return { ...now, decode, count: () => indexes.length };
}

/** Places of units; two readings of one value are told apart by their order. */
function distinct(places: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return places.map((place) => {
    const earlier = seen.get(place) ?? 0;
    seen.set(place, earlier + 1);
    return `${earlier} ${place}`;
  });
}
