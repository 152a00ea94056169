import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { StoredReading } from '../store/telemetryStore.ts';
import type { ExportSink, ExportWriter } from './writer.ts';

/** Rows kept until they are written together; about ten megabytes. */
const ROW_GROUP = 50_000;

type Element = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

const text = (name: string, repetition_type: 'REQUIRED' | 'OPTIONAL'): Element => ({
  ...{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
});
const instant = (name: string, repetition_type: 'REQUIRED' | 'OPTIONAL'): Element => ({
  ...{ name, repetition_type, type: 'INT64' },
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
});
const flag = (name: string): Element => ({ name, repetition_type: 'REQUIRED', type: 'BOOLEAN' });

/** The columns, and what of a reading stands in each. */
const COLUMNS: readonly { element: Element; of: (reading: StoredReading) => unknown }[] = [
  { element: instant('time', 'REQUIRED'), of: (r) => r.timeNs },
  { element: { name: 'value', repetition_type: 'REQUIRED', type: 'DOUBLE' }, of: (r) => r.value },
  { element: text('unit', 'OPTIONAL'), of: (r) => r.unit },
  { element: instant('arrived', 'REQUIRED'), of: (r) => r.arrivalNs },
  { element: instant('device_time', 'OPTIONAL'), of: (r) => r.deviceTimeNs },
  { element: instant('sent', 'OPTIONAL'), of: (r) => r.sentAtNs },
  { element: flag('future'), of: (r) => r.future },
  { element: flag('corrected'), of: (r) => r.corrected },
];
const NAMES = [text('device', 'REQUIRED'), text('point', 'REQUIRED')];

/** A writer whose bytes leave with each row group; what stays is the position, and the footer's index of groups. */
class PassingWriter extends ByteWriter {
  readonly #sink: ExportSink;

  constructor(sink: ExportSink) {
    super(1024 * 1024);
    this.#sink = sink;
  }

  flush(): Promise<void> {
    const bytes = Buffer.from(this.getBytes()); // a copy: the buffer is written over while the sink works
    this.index = 0;
    return this.#sink(bytes);
  }
}

/** Parquet: times as 64-bit nanoseconds UTC, values as doubles, row groups of fifty thousand, Snappy. */
export function parquetWriter(sink: ExportSink): ExportWriter {
  const bytes = new PassingWriter(sink);
  const schema: Element[] = [
    { name: 'readings', num_children: NAMES.length + COLUMNS.length },
    ...NAMES,
    ...COLUMNS.map((column) => column.element),
  ];
  const parquet = new ParquetWriter({ writer: bytes, schema, createdBy: 'Faultline' });
  let devices: string[] = [];
  let points: string[] = [];
  let rows: StoredReading[] = [];

  const writeGroup = async (): Promise<void> => {
    const [all, device, point] = [rows, devices, points];
    [rows, devices, points] = [[], [], []];
    await parquet.write({
      columnData: [
        { name: 'device', data: device, offsetIndex: false },
        { name: 'point', data: point, offsetIndex: false },
        ...COLUMNS.map(({ element, of }) => ({ name: element.name, data: all.map(of), offsetIndex: false })),
      ],
      rowGroupSize: ROW_GROUP,
    });
  };
  return {
    add: async (series, readings) => {
      for (const reading of readings) {
        rows.push(reading);
        devices.push(series.device);
        points.push(series.point);
      }
      if (rows.length >= ROW_GROUP) await writeGroup();
    },
    finish: async () => {
      if (rows.length > 0) await writeGroup();
      await parquet.finish();
      await bytes.flush();
    },
  };
}
