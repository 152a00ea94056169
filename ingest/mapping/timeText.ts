import { parseTimeNs } from '../decode/index.ts';
import { type EpochUnit, epochNs } from '../decode/time.ts';

const MS_NS = 1_000_000n;
const HAS_ZONE = /(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$/;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;
const SLOT_MS = 15 * 60_000;
const MAX_SLOTS = 1_000;

/** What a letter of a pattern stands for. */
const FIELDS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  yy: '(?<shortYear>\\d{2})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour12>\\d{2})',
  h: '(?<hour12>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  a: '(?<half>[AaPp][Mm])',
};

/** Whether a zone is an offset such as +08:00 or a name such as Europe/Berlin. */
export function isZone(zone: string): boolean {
  if (OFFSET.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/** Minutes that a zone's clocks are ahead of UTC at an instant. */
function zoneClock(zone: string): (utcMs: number) => number {
  const fixed = OFFSET.exec(zone);
  if (fixed) {
    const minutes = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]));
    return () => minutes;
  }
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  });
  // Offsets change on quarters of an hour, if at all; asking the engine costs microseconds each time.
  const known = new Map<number, number>();
  return (utcMs) => {
    const slot = Math.floor(utcMs / SLOT_MS);
    const remembered = known.get(slot);
    if (remembered !== undefined) return remembered;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(slot * SLOT_MS)) parts[type] = Number(value);
    const wallMs = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!);
    const minutes = Math.round((wallMs - slot * SLOT_MS) / 60_000);
    if (known.size >= MAX_SLOTS) known.clear();
    known.set(slot, minutes);
    return minutes;
  };
}

/** The instant at which a zone's clocks show a time; of two (the clocks went back), the first. */
function instantMs(wallMs: number, clock: (utcMs: number) => number): number {
  const day = 86_400_000;
  const before = wallMs - clock(wallMs - day) * 60_000;
  if (before + clock(before) * 60_000 === wallMs) return before;
  return wallMs - clock(before) * 60_000;
}

/** A pattern as an expression, or a text that says what is wrong with it. */
export function parsePattern(pattern: string): RegExp | string {
  const pieces = pattern.match(/'[^']*'|y+|M+|d+|H+|h+|m+|s+|S+|a|[^yMdHhmsSa']|'/g) ?? [];
  let source = '';
  const seen = new Set<string>();
  for (const piece of pieces) {
    if (/^S+$/.test(piece)) source += `(?<fraction>\\d{1,${Math.min(9, piece.length)}})`;
    else if (FIELDS[piece] !== undefined) source += FIELDS[piece];
    else if (/^[yMdHhms]/.test(piece)) return `${piece} is no field of a time; use yyyy MM dd HH mm ss SSS, hh with a`;
    else source += literal(piece.startsWith("'") ? piece.slice(1, -1) : piece);
    const field = /^[yMdHhmsSa]/.exec(piece)?.[0];
    if (field !== undefined && seen.has(field)) return `${piece} is in the pattern twice`;
    if (field !== undefined) seen.add(field);
  }
  if (!(seen.has('y') && seen.has('M') && seen.has('d'))) return 'a pattern needs a year, a month and a day';
  return new RegExp(`^${source}$`);
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

type ReadTime = (told: unknown) => bigint | null;

/** Reads times by a pattern such as `dd.MM.yyyy HH:mm:ss`, on a zone's clocks (default UTC). */
function byPattern(pattern: string, zone: string | undefined): ReadTime {
  const expression = parsePattern(pattern);
  if (typeof expression === 'string') throw new RangeError(expression);
  const clock = zoneClock(zone ?? '+00:00');
  return (told) => {
    const groups = typeof told === 'string' && told.length <= 64 ? expression.exec(told.trim())?.groups : undefined;
    if (!groups) return null;
    const number = (name: string): number => Number(groups[name] ?? 0);
    const year = groups.year === undefined ? 2000 + number('shortYear') : number('year');
    const half = groups.half?.toLowerCase();
    const hour = groups.hour12 === undefined ? number('hour') : (number('hour12') % 12) + (half === 'pm' ? 12 : 0);
    const [month, day, minute, second] = [number('month'), number('day'), number('minute'), number('second')];
    const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
    const read = new Date(wallMs);
    // Date.UTC carries what is too large over into the next field: only what reads back as written is a time.
    if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
      return null;
    const fractionNs = BigInt((groups.fraction ?? '').padEnd(9, '0'));
    return BigInt(instantMs(wallMs, clock)) * MS_NS + fractionNs;
  };
}

export type TimeFormat = EpochUnit | 'auto' | 'iso';

/** Reads ISO times, and epochs by their magnitude unless only ISO is wanted; texts without a zone are on `zone`'s clocks. */
function byShape(isoOnly: boolean, zone: string | undefined): ReadTime {
  const clock = zone === undefined ? null : zoneClock(zone);
  return (told) => {
    const isText = typeof told === 'string' && /^\d{4}-/.test(told);
    if (isoOnly && !isText) return null;
    const ns = parseTimeNs(told);
    if (ns === null || clock === null || !isText || HAS_ZONE.test(told.slice(10))) return ns;
    const wallMs = Number(ns / MS_NS);
    return ns + BigInt(instantMs(wallMs, clock) - wallMs) * MS_NS;
  };
}

export interface TimeReading {
  format: TimeFormat;
  pattern?: string | undefined;
  zone?: string | undefined;
}

/** How a vendor's times are read: nanoseconds since the epoch, or null for what is no time of this form. */
export function compileTime({ format, pattern, zone }: TimeReading): ReadTime {
  if (pattern !== undefined) return byPattern(pattern, zone);
  if (format === 'auto' || format === 'iso') return byShape(format === 'iso', zone);
  return (told) => epochNs(told, format);
}
