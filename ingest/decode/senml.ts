import { parseCbor } from './cborItems.ts';
import { bufferOf, excerpt, MAX_ENTRIES } from './entries.ts';
import { type Field, failure, named, pointField, unitField, valueField } from './fields.ts';
import type { DecodeContext, TelemetryFormat } from './format.ts';
import { parseJson } from './json.ts';
import { epochNs } from './time.ts';
import type { DecodeFailure, RejectedEntry, Sample, TelemetryDecoding } from './types.ts';

/** RFC 8428 §4.5.3: values below 2^28 seconds are relative to now. */
const RELATIVE_BELOW_NS = 268_435_456n * 1_000_000_000n;
/** §4.4: the version of the RFC. */
const VERSION = 10;
const NAME = /^[A-Za-z0-9][A-Za-z0-9:./_-]*$/;
/** §6, table 4: the labels of CBOR. */
const CBOR_LABELS: Readonly<Record<string, string>> = {
  '-1': 'bver',
  '-2': 'bn',
  '-3': 'bt',
  '-4': 'bu',
  '-5': 'bv',
  '-6': 'bs',
  0: 'n',
  1: 'u',
  2: 'v',
  3: 'vs',
  4: 'vb',
  5: 's',
  6: 't',
  7: 'ut',
  8: 'vd',
};
const VALUES = ['v', 'vs', 'vb', 'vd'] as const;

type Fields = Record<string, unknown>;

/** The base fields in effect (§4.1), as of one record. */
interface Base {
  name: string;
  timeNs: bigint;
  unit: string | null;
  value: number | null;
  sum: number | null;
}

/** One record with what it holds: a value, a sum, both, or (base fields alone) neither. */
interface Resolved {
  fields: Fields;
  base: Base;
  hasValue: boolean;
  hasSum: boolean;
}

type Opened = { ok: true; records: readonly unknown[]; units: number } | { ok: false; failure: DecodeFailure };

const refuse = (code: DecodeFailure['code'], field: string, reason: string) => ({
  ok: false as const,
  failure: failure(code, field, reason),
});

function open(parsed: Field<unknown>): Opened {
  if (!parsed.ok) return parsed;
  const records = parsed.value;
  if (!Array.isArray(records))
    return refuse('SENML_SHAPE', 'payload', `a SenML pack is a list of records, not ${named(records)}`);
  if (records.length > MAX_ENTRIES)
    return refuse('TOO_MANY_SAMPLES', 'payload', `${records.length} records in one pack; send at most ${MAX_ENTRIES}`);
  let units = 0;
  for (const { hasValue, hasSum } of walk(records)) units += Number(hasValue) + Number(hasSum);
  if (units === 0) return refuse('EMPTY', 'payload', 'the pack holds no measurement');
  return { ok: true, records, units };
}

/** Gives each record the base fields in effect, which it may change for itself and those that follow. */
function* walk(records: readonly unknown[]): Generator<Resolved> {
  let base: Base = { name: '', timeNs: 0n, unit: null, value: null, sum: null };
  for (const record of records) {
    // What is no record is one unit, to be rejected.
    const fields = isFields(record) ? record : {};
    base = nextBase(base, fields);
    const sum = fields.s !== undefined || base.sum !== null;
    const regular = ['n', 'u', 't', 'ut'].some((label) => fields[label] !== undefined);
    const value = VALUES.some((label) => fields[label] !== undefined);
    const baseOnly = !value && !regular && fields.s === undefined && Object.keys(fields).length > 0;
    const hasSum = sum && !baseOnly;
    // §4.5.2: of a value and a base value, the one that is missing counts as zero. A sum needs no value.
    yield { fields, base, hasSum, hasValue: !baseOnly && (value || base.value !== null || !hasSum) };
  }
}

function isFields(record: unknown): record is Fields {
  return typeof record === 'object' && record !== null && !Array.isArray(record);
}

/** Base fields of a wrong type change nothing here; the record that brings one is rejected, and those after it. */
function nextBase(base: Base, { bn, bt, bu, bv, bs }: Fields): Base {
  if (bn === undefined && bt === undefined && bu === undefined && bv === undefined && bs === undefined) return base;
  return {
    name: typeof bn === 'string' ? bn : base.name,
    timeNs: bt === undefined ? base.timeNs : (epochNs(bt, 's') ?? base.timeNs),
    unit: typeof bu === 'string' ? bu : base.unit,
    value: typeof bv === 'number' || typeof bv === 'bigint' ? Number(bv) : base.value,
    sum: typeof bs === 'number' || typeof bs === 'bigint' ? Number(bs) : base.sum,
  };
}

function decodePack(parsed: Field<unknown>, context: DecodeContext): TelemetryDecoding {
  const opened = open(parsed);
  if (!opened.ok) return opened;
  const samples: Sample[] = [];
  const rejected: RejectedEntry[] = [];
  let index = 0;
  let place = -1;
  /** Once a base field is wrong, what the following records mean is unknown. */
  let spoilt: DecodeFailure | null = null;
  for (const resolved of walk(opened.records)) {
    const record = opened.records[++place];
    spoilt ??= baseFailure(resolved.fields, `[${place}]`);
    const take = (made: Sample | DecodeFailure): void => {
      if ('point' in made) samples.push(made);
      else rejected.push({ ...made, index, entry: excerpt(record) });
      index++;
    };
    const shared = spoilt ?? commonOf(record, resolved, `[${place}]`, context);
    if (resolved.hasValue) take('code' in shared ? shared : valueSample(resolved, shared, `[${place}]`, index));
    if (resolved.hasSum) take('code' in shared ? shared : sumSample(resolved, shared, `[${place}]`, index));
  }
  return { ok: true, samples, rejected };
}

function baseFailure({ bver, bn, bt, bu, bv, bs, ...rest }: Fields, path: string): DecodeFailure | null {
  if (bver !== undefined && (typeof bver !== 'number' || !(bver >= 1 && bver <= VERSION)))
    return failure('SENML_VERSION', `${path}.bver`, `SenML up to version ${VERSION} (RFC 8428) is understood`);
  // §4.4: a label that ends in _ must be understood, or nothing of the pack may be.
  const demanding = Object.keys(rest).find((label) => label.endsWith('_'));
  if (demanding !== undefined)
    return failure('SENML_FIELD', path, `the label ${demanding.slice(0, 40)} must be understood and is not known here`);
  if (bn !== undefined && typeof bn !== 'string')
    return failure('SENML_FIELD', `${path}.bn`, `bn must be a text, not ${named(bn)}`);
  if (bu !== undefined && typeof bu !== 'string')
    return failure('SENML_FIELD', `${path}.bu`, `bu must be a text, not ${named(bu)}`);
  if (bt !== undefined && (!isNumber(bt) || epochNs(bt, 's') === null))
    return failure('TIME', `${path}.bt`, 'bt must be a number of seconds, not after the year 2500');
  if (bv !== undefined && !isNumber(bv))
    return failure('SENML_FIELD', `${path}.bv`, `bv must be a number, not ${named(bv)}`);
  if (bs !== undefined && !isNumber(bs))
    return failure('SENML_FIELD', `${path}.bs`, `bs must be a number, not ${named(bs)}`);
  return null;
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

type Common = Pick<Sample, 'point' | 'unit' | 'timeNs'>;

function commonOf(
  record: unknown,
  { fields, base }: Resolved,
  path: string,
  context: DecodeContext,
): Common | DecodeFailure {
  if (!isFields(record)) return failure('SENML_SHAPE', path, `a record is an object, not ${named(record)}`);
  const { n = '', t, u } = fields;
  if (typeof n !== 'string') return failure('POINT_NAME', `${path}.n`, `n must be a text, not ${named(n)}`);
  const name = base.name + n;
  if (!NAME.test(name))
    return failure(
      'POINT_NAME',
      `${path}.n`,
      'bn and n together name the point: letters, digits and - : . / _, a letter or digit first',
    );
  const point = pointField(name.replaceAll('/', '|'), `${path}.n`);
  if (!point.ok) return point.failure;
  const unit = unitField(u ?? base.unit, `${path}.u`);
  if (!unit.ok) return unit.failure;
  const ownNs = t === undefined ? 0n : isNumber(t) ? epochNs(t, 's') : null;
  if (ownNs === null) return failure('TIME', `${path}.t`, 't must be a number of seconds, not after the year 2500');
  return { point: point.value, unit: unit.value, timeNs: absolute(base.timeNs + ownNs, context.arrivalNs) };
}

/** §4.5.3: an instant, or a distance from now; 0 is now itself, for which the arrival stands. */
function absolute(ns: bigint, arrivalNs: bigint): bigint | null {
  if (ns >= RELATIVE_BELOW_NS) return ns;
  return ns === 0n ? null : arrivalNs + ns;
}

function valueSample({ fields, base }: Resolved, common: Common, path: string, index: number): Sample | DecodeFailure {
  const given = VALUES.filter((label) => fields[label] !== undefined);
  if (given.length > 1)
    return failure('SENML_FIELD', `${path}.${given[1]}`, `a record holds one value, this one ${given.join(' and ')}`);
  const label = given[0] ?? 'v';
  const told = fields[label];
  if (label === 'vs' || label === 'vd')
    return failure(
      'VALUE_TYPE',
      `${path}.${label}`,
      'texts and data are no readings; send a number (v) or a boolean (vb)',
    );
  if (label === 'vb') {
    if (typeof told !== 'boolean')
      return failure('VALUE_TYPE', `${path}.vb`, `vb must be a boolean, not ${named(told)}`);
    return sampleOf(common, Number(told), index);
  }
  if (told === undefined && base.value === null)
    return failure('VALUE_TYPE', path, 'a record needs a value (v, vb) or a sum (s)');
  const own = valueField(typeof told === 'bigint' ? Number(told) : told === undefined ? 0 : told, `${path}.v`);
  if (!own.ok) return own.failure;
  const value = valueField(own.value + (base.value ?? 0), `${path}.v`);
  return value.ok ? sampleOf(common, value.value, index) : value.failure;
}

/** §4.2: the integral of the values over time, a series of its own beside them. `|` is in no SenML name. */
function sumSample({ fields, base }: Resolved, common: Common, path: string, index: number): Sample | DecodeFailure {
  const told = fields.s === undefined ? 0 : fields.s;
  if (!isNumber(told)) return failure('VALUE_TYPE', `${path}.s`, `s must be a number, not ${named(told)}`);
  const value = valueField(Number(told) + (base.sum ?? 0), `${path}.s`);
  if (!value.ok) return value.failure;
  const point = pointField(`${common.point}|sum`, `${path}.n`);
  if (!point.ok) return point.failure;
  const unit = unitField(common.unit === null ? null : `${common.unit}.s`, `${path}.u`);
  if (!unit.ok) return unit.failure;
  return sampleOf({ ...common, point: point.value, unit: unit.value }, value.value, index);
}

function sampleOf(common: Common, value: number, index: number): Sample {
  return { ...common, value, sentAtNs: null, boot: null, seq: null, index };
}

/** CBOR's integer labels as the names of JSON; a label of neither kind stays what it is. */
function withNames(parsed: Field<unknown>): Field<unknown> {
  if (!parsed.ok || !Array.isArray(parsed.value)) return parsed;
  const value = parsed.value.map((record: unknown) => {
    if (!(record instanceof Map)) return record;
    const fields: Fields = Object.create(null);
    for (const [label, inner] of record) {
      const name = typeof label === 'number' ? CBOR_LABELS[label] : undefined;
      fields[name ?? String(label)] = inner instanceof Map ? {} : inner;
    }
    return fields;
  });
  return { ok: true, value };
}

const units = (opened: Opened): number => (opened.ok ? opened.units : 1);

/** SenML in JSON (RFC 8428 §5). */
export const senmlJsonFormat: TelemetryFormat = {
  name: 'senml-json',
  aliases: ['senml'],
  kind: 'telemetry',
  decode: (payload, context) => decodePack(parseJson(bufferOf(payload), 0, payload.byteLength, 'payload'), context),
  count: (payload, start, end) => units(open(parseJson(payload, start, end, 'payload'))),
};

/** SenML in CBOR (RFC 8428 §6). */
export const senmlCborFormat: TelemetryFormat = {
  name: 'senml-cbor',
  aliases: [],
  kind: 'telemetry',
  decode: (payload, context) =>
    decodePack(withNames(parseCbor(bufferOf(payload), 0, payload.byteLength, 'payload')), context),
  count: (payload, start, end) => units(open(withNames(parseCbor(payload, start, end, 'payload')))),
};
