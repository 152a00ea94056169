import type { StoredReading } from '../store/telemetryStore.ts';
import { type ExportSink, type ExportWriter, isoOfNs } from './writer.ts';

const COLUMNS = 'device,point,time,time_ns,value,unit,arrived_ns,device_time_ns,sent_ns,future,corrected';

/**
 * What spreadsheets take for the beginning of a formula, whatever blanks stand before it, in both widths.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

/**
 * A text as a cell of RFC 4180. One that a spreadsheet would run as a formula gets an apostrophe before it, as a person
 * would type it. Numbers are not texts: they are written as they are, their sign included.
 *
 * @example csvText('=cmd|x') // "'=cmd|x"
 * @example csvText('a "b"') // '"a ""b"""'
 */
export function csvText(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * CSV: one line a reading, with a header. Values are the shortest decimals that read back as the same number; times are
 * there as text and as whole nanoseconds.
 */
export function csvWriter(sink: ExportSink): ExportWriter {
  let begun = false;
  const begin = async () => {
    if (!begun) await sink(Buffer.from(`${COLUMNS}\r\n`));
    begun = true;
  };
  return {
    add: async (series, readings) => {
      await begin();
      const names = `${csvText(series.device)},${csvText(series.point)},`;
      await sink(Buffer.from(readings.map((reading) => names + lineOf(reading)).join('')));
    },
    finish: begin,
  };
}

function lineOf(r: StoredReading): string {
  const unit = r.unit === null ? '' : csvText(r.unit);
  return `${isoOfNs(r.timeNs)},${r.timeNs},${r.value},${unit},${r.arrivalNs},${r.deviceTimeNs ?? ''},${r.sentAtNs ?? ''},${r.future},${r.corrected}\r\n`;
}
