import { failure, pointField, unitField } from '../fields.ts';
import type { DecodeFailure, RejectedEntry, Sample, TelemetryDecoding } from '../types.ts';
import { DATA_SET, datatypeName, TEMPLATE } from './datatypes.ts';
import type { Definition, Resolved } from './envelope.ts';
import { type DataSet, MAX_ENTRIES, type Metric, type SparkplugPayload, type WireValue } from './model.ts';
import { isNumberArray, numberOf, numbersOf } from './numbers.ts';
import { isProtocolMetric, pointNameOf } from './pointName.ts';
import { isBirth } from './types.ts';

/** Year 2500 in milliseconds: no device sends a later time in earnest. */
const LATEST_MS = 16_725_225_600_000n;

/**
 * The readings of a message. Protocol metrics and nulls are none and count nowhere; neither do the texts of a birth, which
 * stay with it as properties, nor the texts in a data set. A text as data is refused, for nobody would find it again.
 *
 * Sparkplug's `seq` runs from 0 to 255, so it says nothing by itself: what makes a delivery the same as another is the
 * message's time with `seq`, the position in the message, and the metric's own time and value.
 */
export function samplesOf(resolved: Resolved, payload: SparkplugPayload): TelemetryDecoding {
  const found = new Found(payload, isBirth(resolved.type));
  for (const [index, metric] of payload.metrics.entries()) found.metric(metric, resolved.definitions[index] ?? null);
  return { ok: true, samples: found.samples, rejected: found.rejected };
}

class Found {
  readonly samples: Sample[] = [];
  readonly rejected: RejectedEntry[] = [];
  readonly #payload: SparkplugPayload;
  readonly #birth: boolean;
  readonly #seq: bigint;

  constructor(payload: SparkplugPayload, birth: boolean) {
    this.#payload = payload;
    this.#birth = birth;
    const { timestampMs, seq } = payload;
    this.#seq = (timestampMs !== null && timestampMs <= LATEST_MS ? timestampMs << 8n : 0n) + ((seq ?? 0n) & 0xffn);
  }

  metric(metric: Metric, definition: Definition | null): void {
    const name = metric.name || definition?.[0];
    if (name && (isProtocolMetric(name) || metric.isNull)) return;
    const [, told = null, toldUnit = null] = definition ?? [];
    const datatype = metric.datatype ?? told;
    const fault = faultOf(name, datatype, told, definition?.[3]);
    if (fault) this.#refuse(fault, metric);
    else this.#valued(pointNameOf(name!), datatype!, metric, metric.unit ?? toldUnit, metric.timestampMs);
  }

  #valued(point: string, datatype: number, metric: Metric, unit: string | null, timestampMs: bigint | null): void {
    const { value } = metric;
    if (value === null) {
      // protobuf leaves out nothing of a value that is there: this one is not.
      this.#refuse(failure('VALUE_TYPE', point, 'the metric has no value and is not marked as null'), metric);
    } else if (datatype === DATA_SET && value.in === 'dataset') this.#table(point, value.value, unit, timestampMs);
    else if (datatype === TEMPLATE && value.in === 'template') {
      if (!value.value.isDefinition) for (const member of value.value.members) this.#member(point, member, timestampMs);
    } else if (isNumberArray(datatype) && value.in === 'bytes')
      this.#array(point, datatype, value.value, unit, timestampMs);
    else this.#scalar(point, datatype, value, unit, timestampMs, metric);
  }

  #member(parent: string, member: Metric, timestampMs: bigint | null): void {
    if (member.isNull) return;
    if (!member.name || member.datatype === null) {
      const reason = 'a member of a template needs a name and a datatype of its own';
      this.#refuse(failure('SPARKPLUG_DATATYPE', parent, reason), member);
      return;
    }
    const point = `${parent}.${pointNameOf(member.name)}`;
    this.#valued(point, member.datatype, member, member.unit, member.timestampMs ?? timestampMs);
  }

  #table(point: string, table: DataSet, unit: string | null, timestampMs: bigint | null): void {
    for (const row of table.rows) {
      for (const [column, cell] of row.entries()) {
        if (cell === null || cell.in === 'text' || cell.in === 'extension') continue;
        const name = pointNameOf(table.columns[column] || String(column));
        const datatype = table.types[column];
        const value = datatype === undefined ? { reason: `column ${name} has no datatype` } : numberOf(datatype, cell);
        this.#take(`${point}.${name}`, value, unit, timestampMs, null);
      }
    }
  }

  #array(point: string, datatype: number, bytes: Buffer, unit: string | null, timestampMs: bigint | null): void {
    const room = MAX_ENTRIES - this.samples.length - this.rejected.length;
    const values = numbersOf(datatype, bytes, Math.max(0, room));
    if ('reason' in values) this.#take(point, values, unit, timestampMs, null);
    else for (const value of values) this.#take(point, value, unit, timestampMs, null);
  }

  #scalar(
    point: string,
    datatype: number,
    value: WireValue,
    unit: string | null,
    timestampMs: bigint | null,
    metric: Metric,
  ): void {
    const text = value.in === 'text' || value.in === 'bytes' || value.in === 'extension';
    if (this.#birth && text) return;
    this.#take(point, numberOf(datatype, value), unit, timestampMs, metric);
  }

  #take(
    point: string,
    value: number | { reason: string },
    unit: string | null,
    timestampMs: bigint | null,
    metric: Metric | null,
  ): void {
    const ms = timestampMs ?? this.#payload.timestampMs;
    const fault = valueFault(point, value, ms);
    if (fault) {
      this.#refuse(fault, metric);
      return;
    }
    const fitting = unitField(unit, 'unit');
    this.samples.push({
      point,
      value: value as number,
      unit: fitting.ok ? fitting.value : null,
      timeNs: ms === null ? null : ms * 1_000_000n,
      // Clients keep whole messages while they are offline: the message's time does not prove when it was sent.
      sentAtNs: null,
      boot: null,
      seq: ms === null ? null : this.#seq,
      index: this.samples.length + this.rejected.length,
    });
  }

  #refuse(why: DecodeFailure, metric: Metric | null): void {
    const index = this.samples.length + this.rejected.length;
    this.rejected.push({ ...why, index, entry: metric === null ? '' : excerpt(metric) });
  }
}

/** Why a metric cannot be told apart from others or read. */
function faultOf(
  name: string | undefined,
  datatype: number | null,
  told: number | null,
  clash: string | undefined,
): DecodeFailure | null {
  if (!name) return failure('SPARKPLUG_BIRTH', 'name', 'the metric has no name, and no birth certificate gives it one');
  if (datatype === null)
    return failure('SPARKPLUG_DATATYPE', name, 'the metric has no datatype; give it in the birth certificate');
  if (told !== null && told !== datatype) {
    const reason = `sent as ${datatypeName(datatype)}, born as ${datatypeName(told)}; send a new birth certificate`;
    return failure('SPARKPLUG_DATATYPE', name, reason);
  }
  if (clash !== undefined)
    return failure('POINT_NAME', name, `${name} and ${clash} would be the same point; rename one of them`);
  return null;
}

/** Why a value is no reading. */
function valueFault(point: string, value: number | { reason: string }, ms: bigint | null): DecodeFailure | null {
  const named = pointField(point, 'name');
  if (!named.ok) return named.failure;
  if (typeof value !== 'number') return failure('VALUE_TYPE', point, value.reason);
  if (!Number.isFinite(value)) return failure('VALUE_NOT_FINITE', point, 'the value is NaN or infinite');
  if (ms !== null && ms > LATEST_MS)
    return failure('TIME', point, 'the timestamp, in ms since the epoch, lies after the year 2500');
  return null;
}

function excerpt({ name, alias, datatype, value }: Metric): string {
  const shown = value !== null && 'value' in value && typeof value.value !== 'object' ? String(value.value) : null;
  const type = datatype === null ? null : datatypeName(datatype);
  return JSON.stringify({ name, alias: alias?.toString() ?? null, datatype: type, value: shown }).slice(0, 1024);
}
