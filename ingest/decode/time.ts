/** Year 2500: no device sends a later time in earnest, and it fits PostgreSQL's bigint and timestamptz. */
const LATEST_NS = 16_725_225_600_000_000_000n;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;
/** Whole numbers from here on count nanoseconds. */
const NANOSECONDS_FROM = 100_000_000_000_000_000n;
const DECIMAL = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?$/;

/**
 * A device's time as nanoseconds since the epoch: ISO 8601 (without a zone: UTC), or an epoch number or decimal text
 * whose magnitude gives its unit (below 10¹¹ seconds, 10¹⁴ milliseconds, 10¹⁷ microseconds, else nanoseconds).
 *
 * @returns null for anything else, and for times after the year 2500
 */
export function parseTimeNs(value: unknown): bigint | null {
  if (typeof value === 'bigint') return wholeNs(value);
  if (typeof value === 'number') return numberNs(value);
  if (typeof value !== 'string' || value.length > 48) return null;
  if (isDigits(value)) return wholeNs(BigInt(value));
  const decimal = DECIMAL.exec(value);
  if (decimal) {
    const [, sign, whole, fraction = ''] = decimal;
    const ns = scaled(BigInt(whole!), BigInt(fraction || '0'), 10n ** BigInt(fraction.length));
    return within(sign === '-' ? -ns : ns);
  }
  return isoNs(value);
}

/** A whole number whose magnitude gives its unit. */
export function wholeNs(whole: bigint): bigint | null {
  return within(scaled(whole, 0n, 1n));
}

function numberNs(value: number): bigint | null {
  if (!Number.isFinite(value)) return null;
  if (Number.isInteger(value)) return within(scaled(BigInt(value), 0n, 1n));
  const whole = Math.trunc(value);
  // A double near 1.7e9 resolves a quarter of a microsecond: more digits would be noise.
  const millionths = BigInt(Math.round((value - whole) * 1e6));
  return within(scaled(BigInt(whole), millionths, 1_000_000n));
}

/** The most common times: plain digits, at most as many as `DECIMAL` takes. */
function isDigits(text: string): boolean {
  if (text.length === 0 || text.length > 20) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function scaled(whole: bigint, fraction: bigint, fractionUnit: bigint): bigint {
  // Nanoseconds are what gateways send most, and need no arithmetic.
  if (whole >= NANOSECONDS_FROM && fraction === 0n) return whole;
  const size = whole < 0n ? -whole : whole;
  const unitNs =
    size < 100_000_000_000n
      ? 1_000_000_000n
      : size < 100_000_000_000_000n
        ? 1_000_000n
        : size < NANOSECONDS_FROM
          ? 1_000n
          : 1n;
  return fraction === 0n ? whole * unitNs : whole * unitNs + (fraction * unitNs) / fractionUnit;
}

function within(ns: bigint): bigint | null {
  return ns <= LATEST_NS && ns >= -LATEST_NS ? ns : null;
}

function isoNs(text: string): bigint | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5]);
  const date = new Date(ms);
  // Date.UTC carries 31 April over into May: only what reads back as written is a date. A leap second may carry.
  const carried =
    date.getUTCFullYear() !== parts[0] || date.getUTCMonth() !== parts[1] - 1 || date.getUTCDate() !== parts[2];
  if ((carried && parts[5] !== 60) || parts[5] > 60 || parts[4] > 59 || parts[3] > 23) return null;
  if (parts[1] < 1 || parts[1] > 12 || parts[2] < 1 || parts[2] > 31) return null;
  const offset = zoneMinutes(zone);
  if (offset === null) return null;
  return within(BigInt(ms - offset * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || '0'));
}

function zoneMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

export type EpochUnit = 's' | 'ms' | 'us' | 'ns';
const UNIT_NS: Readonly<Record<EpochUnit, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };

/**
 * A number or decimal text counted in one unit since the epoch, as nanoseconds; a number's fraction to 6 digits (to 9
 * below a million, where a double has them).
 *
 * @returns null for anything else, and for times after the year 2500
 */
export function epochNs(value: unknown, unit: EpochUnit): bigint | null {
  const unitNs = UNIT_NS[unit];
  if (typeof value === 'bigint') return within(value * unitNs);
  if (typeof value === 'number') {
    if (!(Math.abs(value) <= 1.7e19)) return null;
    const whole = Math.trunc(value);
    const digits = Math.abs(value) < 1e6 ? 1e9 : 1e6;
    const fraction = BigInt(Math.round((value - whole) * digits));
    return within(BigInt(whole) * unitNs + (fraction * unitNs) / BigInt(digits));
  }
  if (typeof value !== 'string' || value.length > 48) return null;
  const decimal = DECIMAL.exec(value);
  if (!decimal) return null;
  const [, sign, whole, fraction = ''] = decimal;
  const ns = BigInt(whole!) * unitNs + (BigInt(fraction || '0') * unitNs) / 10n ** BigInt(fraction.length);
  return within(sign === '-' ? -ns : ns);
}
