import { z } from 'zod';
import { parseTimeNs } from '../decode/index.ts';
import { storeErrors } from '../store/errors.ts';
import { splitPointKey } from '../store/readings.ts';
import type { Series } from '../store/telemetryStore.ts';

/** A time in a query: ISO 8601, or an epoch number of s, ms, µs or ns by its magnitude. */
export const timeText = z
  .string()
  .max(48)
  .transform((text, context) => {
    const timeNs = parseTimeNs(text);
    if (timeNs !== null) return timeNs;
    context.addIssue({ code: 'custom', message: 'must be ISO 8601 or an epoch number in s, ms, µs or ns' });
    return z.NEVER;
  });

const UNIT_NS = {
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** A length of time in a query, such as `500ms`, `10s`, `5m`, `1h`, `7d`. */
export const durationText = z
  .string()
  .regex(/^[1-9]\d{0,8}(ms|s|m|h|d)$/, { error: 'must be a number with ms, s, m, h or d, such as 10s' })
  .transform((text) => {
    const [, amount, unit] = /^(\d+)(\D+)$/.exec(text)!;
    return BigInt(amount!) * UNIT_NS[unit as keyof typeof UNIT_NS];
  });

/** A query parameter that may be given several times; always a list. */
export function oneOrMore<T extends z.ZodType>(one: T, most: number) {
  return z
    .union([one.transform((value) => [value]), z.array(one).min(1).max(most)])
    .describe('May be given several times');
}

/** `from` before `to`, or an error that names the field. */
export function demandOrder(fromNs: bigint, toNs: bigint): void {
  if (fromNs >= toNs) throw storeErrors.RANGE_ORDER({}, { field: 'from' });
}

/** A series written as `device/point`. */
export function seriesOf(text: string): Series {
  const series = splitPointKey(text);
  if (!series) throw storeErrors.SERIES_NAME({ series: text.slice(0, 100) }, { field: 'series' });
  return series;
}

/** A position in a list ordered by time, as the opaque cursor of a page. */
export function encodePosition(timeNs: bigint, id: string): string {
  return Buffer.from(`${timeNs}.${id}`).toString('base64url');
}

/** The position that a cursor stands for. */
export function decodePosition(cursor: string): { timeNs: bigint; id: string } {
  const match = /^(-?\d{1,19})\.([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw storeErrors.CURSOR_INVALID({}, { field: 'cursor' });
  return { timeNs: BigInt(match[1]!), id: match[2]! };
}
