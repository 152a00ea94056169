import type { Language, Words } from './i18n.ts';

const STEP = 1024;
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function countText(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}

/** A size with three digits at most, in binary units. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < BYTE_UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${BYTE_UNITS[unit]}`;
}

/** A duration in the one unit that says most. */
export function durationText(seconds: number, t: Words): string {
  const round = (value: number) => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
  if (seconds < 90) return t('unit.seconds', { value: round(seconds) });
  if (seconds < 5400) return t('unit.minutes', { value: round(seconds / 60) });
  if (seconds < 172_800) return t('unit.hours', { value: round(seconds / 3600) });
  return t('unit.days', { value: round(seconds / 86_400) });
}

export function timeText(time: Date, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }).format(time);
}

/** Nanoseconds since the epoch, as the API sends them. */
export function fromNs(ns: string): Date {
  return new Date(Number(BigInt(ns) / 1_000_000n));
}
