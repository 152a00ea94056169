import { WireError } from './wire.ts';

export type Cell =
  | { in: 'int'; value: number }
  | { in: 'long'; value: bigint }
  | { in: 'float' | 'double'; value: number }
  | { in: 'boolean'; value: boolean }
  | { in: 'text'; value: string }
  | { in: 'extension' };

/** The value of a metric as it lies on the wire: what it means, the datatype says. */
export type WireValue =
  | Cell
  | { in: 'bytes'; value: Buffer }
  | { in: 'dataset'; value: DataSet }
  | { in: 'template'; value: Template };

/** A table as a metric's value. Cells are null where the message has none. */
export interface DataSet {
  columns: string[];
  types: number[];
  rows: (Cell | null)[][];
}

/** An instance of a template, or its definition, which holds no readings. */
export interface Template {
  isDefinition: boolean;
  members: Metric[];
}

/** One metric. Absent fields are null. */
export interface Metric {
  name: string | null;
  alias: bigint | null;
  timestampMs: bigint | null;
  datatype: number | null;
  isHistorical: boolean;
  isTransient: boolean;
  isNull: boolean;
  /** The engineering unit among its properties. */
  unit: string | null;
  value: WireValue | null;
}

export interface SparkplugPayload {
  timestampMs: bigint | null;
  seq: bigint | null;
  metrics: Metric[];
}

/** What a message may hold at most, whatever its bytes claim. */
export interface Budget {
  /** Metrics, cells and members that may still come. */
  entries: number;
}

export const MAX_ENTRIES = 100_000;
export const MAX_DEPTH = 8;

/** Counts one entry more. */
export function spend(budget: Budget): void {
  if (--budget.entries < 0) throw new WireError(`more than ${MAX_ENTRIES} metrics and cells in one message`);
}
