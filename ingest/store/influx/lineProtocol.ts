import type { Reading } from '../readings.ts';
import { writeAbout } from './about.ts';
import type { LineBuffer } from './lineBuffer.ts';
import { nameRefusal, tagOf } from './names.ts';

/** Every reading is a point of this measurement; `value` and `about` are its fields. */
export const MEASUREMENT = 'reading';

/** Why a reading cannot be written as a line; null when it can. */
export function lineRefusal(reading: Reading): string | null {
  if (!Number.isFinite(reading.value)) return `the value ${reading.value} is not finite`;
  return null;
}

/** Why no reading of a series can be written. */
export function seriesRefusal(reading: Reading): string | null {
  return (
    nameRefusal('name of the device', reading.device) ??
    nameRefusal('name of the point', reading.point) ??
    (reading.unit === null ? null : nameRefusal('unit', reading.unit))
  );
}

/** Measurement and tags of a reading, up to and including the blank; the same text for every reading of a series. */
export function linePrefix(reading: Reading, twin: number): string {
  const { device, point, unit } = reading;
  const unitTag = unit === null ? '' : `,unit=${tag(unit)}`;
  // Tags in the order of their keys: InfluxDB then need not sort them.
  return `${MEASUREMENT},device=${tag(device)},point=${tag(point)}${twin === 0 ? '' : `,twin=${twin}`}${unitTag} `;
}

const VALUE = Buffer.from('value=');
const ABOUT = Buffer.from(',about="');
const ABOUT_END = Buffer.from('" ');
const LINE_BREAK = 0x0a;

/** The rest of the line. A number's own text is what line protocol calls a float, exponents included. */
export function writeLineRest(lines: LineBuffer, reading: Reading): void {
  const { timeNs } = reading;
  lines.raw(VALUE);
  lines.number(reading.value);
  lines.raw(ABOUT);
  writeAbout(lines, reading);
  lines.raw(ABOUT_END);
  lines.bigint(timeNs);
  lines.byte(LINE_BREAK);
}

function tag(name: string): string {
  const value = tagOf(name);
  return /[ ,=]/.test(value) ? value.replace(/[ ,=]/g, '\\$&') : value;
}
