import type { Layer } from './calendar.ts';

/** A stretch of time, ms since 1970: from the first until before the second. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whose turn it is by a layer, and until when; null before the first turn, which begins at `untilMs`. */
export interface Turn {
  readonly memberId: string | null;
  readonly untilMs: number;
}

const HOUR_MS = 3_600_000;

/**
 * The turn of a layer at a time, its hours not looked at. A wall-clock time that a day skips is the one later by as much;
 * of one that comes twice, the first.
 */
export function turnAt(layer: Layer, atMs: number): Turn {
  const { members, handOver } = layer;
  const firstMs = handOverMs(layer, 0);
  if (atMs < firstMs) return { memberId: null, untilMs: firstMs };
  // Days are 23 to 25 hours long: the estimate is off by one turn at most, and is put right.
  let turn = Math.floor((atMs - firstMs) / (handOver.every * UNIT_MS[handOver.unit]));
  while (turn > 0 && handOverMs(layer, turn) > atMs) turn -= 1;
  while (handOverMs(layer, turn + 1) <= atMs) turn += 1;
  return { memberId: members[turn % members.length]!, untilMs: handOverMs(layer, turn + 1) };
}

const UNIT_MS = { hours: HOUR_MS, days: 24 * HOUR_MS, weeks: 7 * 24 * HOUR_MS } as const;

/** When a turn begins, counted from 0. */
function handOverMs({ startsOn, timeZone, handOver: { every, unit, at } }: Layer, turn: number): number {
  const first = Temporal.PlainDateTime.from(`${startsOn}T${at}`);
  if (unit === 'hours') return instantMs(first, timeZone) + turn * every * HOUR_MS;
  return instantMs(first.add({ [unit]: turn * every }), timeZone);
}

function instantMs(local: Temporal.PlainDateTime, timeZone: string): number {
  return local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** Whether a layer is in force at a time, and until when that stays so; the latter is at most nine days away. */
export function inForce(layer: Layer, atMs: number): { inForce: boolean; untilMs: number } {
  const { hours, timeZone } = layer;
  if (hours === null) return { inForce: true, untilMs: Number.POSITIVE_INFINITY };
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const spans = spansAround(layer, hours, today);
  const current = spans.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (current) return { inForce: true, untilMs: current.toMs };
  const next = spans.find(({ fromMs }) => fromMs > atMs);
  return { inForce: false, untilMs: next?.fromMs ?? atMs + 7 * UNIT_MS.days };
}

/** Spans of the day that was asked about last, by layer: what follows a calendar asks for many times of one day. */
const remembered = new WeakMap<Layer, { readonly day: string; readonly spans: readonly Span[] }>();

function spansAround(layer: Layer, hours: NonNullable<Layer['hours']>, today: Temporal.PlainDate): readonly Span[] {
  const day = today.toString();
  const known = remembered.get(layer);
  if (known?.day === day) return known.spans;
  const spans = joined(hours.flatMap((one) => spansOf(one, today, layer.timeZone)));
  remembered.set(layer, { day, spans });
  return spans;
}

/** The spans of weekly hours around a day: from the day before to eight days on. */
function spansOf(
  { days, from, to }: NonNullable<Layer['hours']>[number],
  today: Temporal.PlainDate,
  timeZone: string,
): Span[] {
  const spans: Span[] = [];
  for (let offset = -1; offset <= 8; offset += 1) {
    const date = today.add({ days: offset });
    if (!days.includes(date.dayOfWeek)) continue;
    const overnight = to === '24:00' || to <= from;
    const until = overnight ? date.add({ days: 1 }) : date;
    const end = to === '24:00' ? '00:00' : to;
    spans.push({
      fromMs: instantMs(date.toPlainDateTime(from), timeZone),
      toMs: instantMs(until.toPlainDateTime(end), timeZone),
    });
  }
  return spans;
}

/** Spans in the order of time, those that touch made one. */
function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = whole.at(-1);
    if (!last || span.fromMs > last.toMs) whole.push(span);
    else if (span.toMs > last.toMs) whole[whole.length - 1] = { fromMs: last.fromMs, toMs: span.toMs };
  }
  // An hour that daylight saving skips leaves nothing of a span that lies within it.
  return whole.filter(({ fromMs, toMs }) => fromMs < toMs);
}
