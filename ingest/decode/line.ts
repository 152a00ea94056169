import { isUtf8 } from 'node:buffer';
import { bufferOf, MAX_ENTRIES } from './entries.ts';
import { type Field, failure, pointField, valueField } from './fields.ts';
import type { TelemetryFormat } from './format.ts';
import { type BadLine, type Line, type LineValue, readLines } from './lineParts.ts';
import { parseTimeNs } from './time.ts';
import type { DecodeFailure, RejectedEntry, Sample, TelemetryDecoding } from './types.ts';

export type AnyLine = Line | BadLine;

/** A text payload; InfluxDB line protocol is UTF-8. */
export function utf8Text(payload: Buffer, start: number, end: number): Field<string> {
  const bytes = payload.subarray(start, end);
  if (isUtf8(bytes)) return { ok: true, value: bytes.toString() };
  return {
    ok: false,
    failure: failure('TEXT_ENCODING', 'payload', 'the text must be UTF-8; some of its bytes are not'),
  };
}

/** All lines of a payload; refused whole when there are none, or too many. */
export function parseLines(payload: Buffer, start: number, end: number): Field<{ lines: AnyLine[]; units: number }> {
  const text = utf8Text(payload, start, end);
  if (!text.ok) return text;
  const lines: AnyLine[] = [];
  let units = 0;
  for (const line of readLines(text.value)) {
    lines.push(line);
    units += 'reason' in line ? 1 : line.fields.length;
    if (units > MAX_ENTRIES) {
      const reason = `more than ${MAX_ENTRIES} fields in one message; send fewer lines at once`;
      return { ok: false, failure: failure('TOO_MANY_SAMPLES', 'payload', reason) };
    }
  }
  if (units === 0) return { ok: false, failure: failure('EMPTY', 'payload', 'the message holds no line') };
  return { ok: true, value: { lines, units } };
}

export function badLine({ number, column, reason, text }: BadLine, index: number): RejectedEntry {
  return { ...failure('LINE_SYNTAX', `line ${number}, column ${column}`, reason), index, entry: text };
}

/** A line's timestamp: nanoseconds, or a coarser epoch by its magnitude. Without one, the arrival stands for it. */
function lineTimeNs({ timestamp }: Line): bigint | null {
  return timestamp === null ? null : parseTimeNs(timestamp);
}

/** A line's series as the protocol writes it, its tags in order, then the field: `cpu,host=a.usage`. */
function pointName(line: Line, field: string): string {
  const tags = line.tags.map(([key, value]) => `,${key}=${value}`).sort();
  // Names of points hold no separators of topics.
  return `${line.measurement}${tags.join('')}.${field}`.replaceAll('/', '|');
}

function fieldSample(line: Line, key: string, told: LineValue, index: number): Sample | DecodeFailure {
  const path = `line ${line.number}, field ${key.slice(0, 60)}`;
  const point = pointField(pointName(line, key), path);
  if (!point.ok) return point.failure;
  if (typeof told === 'string') return failure('VALUE_TYPE', path, 'a text is no reading; send a number or a boolean');
  const value = valueField(Number(told), path);
  if (!value.ok) return value.failure;
  const timeNs = lineTimeNs(line);
  if (timeNs === null && line.timestamp !== null)
    return failure('TIME', `line ${line.number}`, 'the timestamp lies after the year 2500');
  return { point: point.value, value: value.value, unit: null, timeNs, sentAtNs: null, boot: null, seq: null, index };
}

function decode(payload: Uint8Array): TelemetryDecoding {
  const parsed = parseLines(bufferOf(payload), 0, payload.byteLength);
  if (!parsed.ok) return parsed;
  const samples: Sample[] = [];
  const rejected: RejectedEntry[] = [];
  let index = 0;
  for (const line of parsed.value.lines) {
    if ('reason' in line) {
      rejected.push(badLine(line, index++));
      continue;
    }
    for (const [key, value] of line.fields) {
      const made = fieldSample(line, key, value, index);
      if ('point' in made) samples.push(made);
      else rejected.push({ ...made, index, entry: `${line.measurement} ${key}=${String(value)}`.slice(0, 1024) });
      index++;
    }
  }
  return { ok: true, samples, rejected };
}

function count(payload: Buffer, start: number, end: number): number {
  const parsed = parseLines(payload, start, end);
  return parsed.ok ? parsed.value.units : 1;
}

/** InfluxDB line protocol, as Telegraf and its like publish it. */
export const lineFormat: TelemetryFormat = { name: 'line', aliases: ['influx'], kind: 'telemetry', decode, count };
