import { arrivalNsAt, type HeaderPlace, isDuplicateAt, unitsAt } from './record.ts';
import type { RecordOrigin, RecordTable, SpoolRecord } from './types.ts';

/** As they were read: an object for each record would cost more than finding it. */
export class ReadRecords implements RecordTable {
  readonly bytes: Buffer;
  readonly origins: RecordOrigin[] = [];
  readonly offsets: number[] = [];
  readonly payloadStarts: number[] = [];
  readonly payloadEnds: number[] = [];
  readonly units: number[] = [];
  /** Positions in the spool behind each record. */
  readonly #ends: number[] = [];
  /** Positions in `bytes` of the fields that differ from message to message. */
  readonly #variables: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.origins.length;
  }

  /** @param stretchOffset where `bytes` lies in the spool */
  push(stretchOffset: number, at: number, { origin, variable, payload, end }: HeaderPlace): void {
    this.origins.push(origin);
    this.offsets.push(stretchOffset + at);
    this.#ends.push(stretchOffset + end);
    this.#variables.push(variable);
    this.payloadStarts.push(payload);
    this.payloadEnds.push(end);
    this.units.push(unitsAt(this.bytes, variable));
  }

  arrivalNs(at: number): bigint {
    return arrivalNsAt(this.bytes, this.#variables[at]!);
  }

  isDuplicate(at: number): boolean {
    return isDuplicateAt(this.bytes, this.#variables[at]!);
  }

  payload(at: number): Buffer {
    return this.bytes.subarray(this.payloadStarts[at]!, this.payloadEnds[at]!);
  }

  record(at: number): SpoolRecord {
    const { tenantId, deviceId, deviceName, kind, format, vendorTopic } = this.origins[at]!;
    return {
      ...{ tenantId, deviceId, deviceName, kind, format, vendorTopic, offset: this.offsets[at]! },
      arrivalNs: this.arrivalNs(at),
      units: this.units[at]!,
      duplicate: this.isDuplicate(at),
      endOffset: this.#ends[at]!,
      payload: this.payload(at),
    };
  }
}
