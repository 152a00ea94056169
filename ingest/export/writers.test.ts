import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import type { Series, StoredReading } from '../store/telemetryStore.ts';
import { csvText, csvWriter } from './csv.ts';
import { parquetWriter } from './parquet.ts';
import { type ExportSink, type ExportWriter, isoOfNs } from './writer.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\u0000'));
const instant = fc.bigInt({ min: 0n, max: 4_102_444_800_000_000_000n });
const stored: fc.Arbitrary<StoredReading> = fc.record({
  timeNs: instant,
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  unit: fc.option(name),
  arrivalNs: instant,
  deviceTimeNs: fc.option(instant),
  sentAtNs: fc.option(instant),
  future: fc.boolean(),
  corrected: fc.boolean(),
  arrivalTimed: fc.boolean(),
  identity: fc.uuid(),
});
const pages = fc.array(
  fc.record({ series: fc.record({ device: name, point: name }), readings: fc.array(stored, { maxLength: 20 }) }),
  { maxLength: 6 },
);
type Page = { series: Series; readings: StoredReading[] };

async function written(make: (sink: ExportSink) => ExportWriter, given: readonly Page[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const writer = make(async (bytes) => void chunks.push(bytes));
  for (const { series, readings } of given) await writer.add(series, readings);
  await writer.finish();
  return Buffer.concat(chunks);
}
const rowsOf = (given: readonly Page[]) =>
  given.flatMap(({ series, readings }) => readings.map((reading) => ({ ...series, ...reading })));

test('CSV reads back as what was written, to the last bit and nanosecond', async () => {
  await fc.assert(
    fc.asyncProperty(pages, async (given) => {
      const records = parse(await written(csvWriter, given), { columns: true, record_delimiter: '\r\n' }) as Record<
        string,
        string
      >[];
      const plain = (text: string) => (/^'\s*[=+\-@＝＋－＠|%\t\r\n]|^'[\t\r\n]/u.test(text) ? text.slice(1) : text);
      const read = records.map((r) => ({
        device: plain(r.device!),
        point: plain(r.point!),
        timeNs: BigInt(r.time_ns!),
        iso: r.time,
        value: Number(r.value),
        unit: r.unit === '' ? null : plain(r.unit!),
        arrivalNs: BigInt(r.arrived_ns!),
        deviceTimeNs: r.device_time_ns ? BigInt(r.device_time_ns) : null,
        sentAtNs: r.sent_ns ? BigInt(r.sent_ns) : null,
        future: r.future === 'true',
        corrected: r.corrected === 'true',
      }));
      expect(read).toEqual(
        rowsOf(given).map(({ arrivalTimed: _a, identity: _i, ...row }) => ({ ...row, iso: isoOfNs(row.timeNs) })),
      );
    }),
    { numRuns: 60 },
  );
});

test('no cell of a CSV begins as a formula would, unless it is a number', async () => {
  for (const text of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '  =1', '＝1', '|calc', '%0'])
    expect(csvText(text)).toMatch(/^"?'/);
  expect(csvText('mm/s')).toBe('mm/s');
  expect(csvText('say "hi", now')).toBe('"say ""hi"", now"');
  const minus = { timeNs: 1n, value: -1.5, unit: '=HYPERLINK("http://evil")', arrivalNs: 1n, deviceTimeNs: null };
  const reading = { ...minus, sentAtNs: null, future: false, corrected: false, arrivalTimed: false, identity: 'x' };
  const file = String(await written(csvWriter, [{ series: { device: '=d', point: '+p' }, readings: [reading] }]));
  expect(file.split('\r\n')[1]).toBe(
    `'=d,'+p,1970-01-01T00:00:00.000000001Z,1,-1.5,"'=HYPERLINK(""http://evil"")",1,,,false,false`,
  );
});

async function readParquet(file: Buffer): Promise<Record<string, unknown>[]> {
  const slice = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  return parquetReadObjects({
    file: slice,
    parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos } as never,
  });
}

test('Parquet reads back as what was written, to the last bit and nanosecond', async () => {
  await fc.assert(
    fc.asyncProperty(pages, async (given) => {
      expect(await readParquet(await written(parquetWriter, given))).toEqual(
        rowsOf(given).map((r) => ({
          device: r.device,
          point: r.point,
          time: r.timeNs,
          value: r.value,
          unit: r.unit,
          arrived: r.arrivalNs,
          device_time: r.deviceTimeNs,
          sent: r.sentAtNs,
          future: r.future,
          corrected: r.corrected,
        })),
      );
    }),
    { numRuns: 40 },
  );
});

test('Parquet leaves memory row group by row group', async () => {
  const series = { device: 'd', point: 'p' };
  const sizes: number[] = [];
  const writer = parquetWriter(async (bytes) => void sizes.push(bytes.length));
  const at = (i: number): StoredReading => ({
    ...{ timeNs: 1_772_366_400_000_000_000n + BigInt(i), value: Math.sin(i), unit: 'g', arrivalNs: BigInt(i) },
    ...{ deviceTimeNs: null, sentAtNs: null, future: false, corrected: false, arrivalTimed: false, identity: 'x' },
  });
  for (let page = 0; page < 40; page++)
    await writer.add(
      series,
      Array.from({ length: 5_000 }, (_, i) => at(page * 5_000 + i)),
    );
  expect(sizes).toHaveLength(4); // of fifty thousand rows each, before the end
  await writer.finish();
  expect(sizes.at(-1)).toBeLessThan(100_000); // the footer
});
