import { type Budget, MAX_DEPTH, MAX_ENTRIES, type Metric, type SparkplugPayload, spend } from './model.ts';
import { readDataSet, readTemplate } from './structures.ts';
import { WireError, WireReader } from './wire.ts';

/** What some libraries mark payloads by whose metrics lie compressed in the body, beside the specification. */
const COMPRESSED = 'SPBV1.0_COMPRESSED';

/**
 * Reads a Sparkplug B payload (Sparkplug 3.0.0, chapter 6). Depth, count and every length are bounded.
 *
 * @throws {WireError} for bytes that are none
 */
export function readPayload(bytes: Buffer): SparkplugPayload {
  const reader = new WireReader(bytes, 0, bytes.length);
  const payload: SparkplugPayload = { timestampMs: null, seq: null, metrics: [] };
  const budget: Budget = { entries: MAX_ENTRIES };
  while (reader.next()) {
    if (reader.field === 1) payload.timestampMs = reader.uint64();
    else if (reader.field === 2) payload.metrics.push(readMetric(reader.message(), budget, 0));
    else if (reader.field === 3) payload.seq = reader.uint64();
    else if (reader.field === 4 && reader.text() === COMPRESSED)
      throw new WireError('it is compressed; switch compression off at the edge node');
    else if (reader.field !== 4) reader.skip(); // a body says nothing about metrics
  }
  return payload;
}

function readMetric(reader: WireReader, budget: Budget, depth: number): Metric {
  if (depth > MAX_DEPTH) throw new WireError(`templates nested deeper than ${MAX_DEPTH}`);
  spend(budget);
  const metric: Metric = {
    name: null,
    alias: null,
    timestampMs: null,
    datatype: null,
    isHistorical: false,
    isTransient: false,
    isNull: false,
    unit: null,
    value: null,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        metric.name = reader.text();
        break;
      case 2:
        metric.alias = reader.uint64();
        break;
      case 3:
        metric.timestampMs = reader.uint64();
        break;
      case 4:
        metric.datatype = reader.uint32();
        break;
      case 5:
        metric.isHistorical = reader.bool();
        break;
      case 6:
        metric.isTransient = reader.bool();
        break;
      case 7:
        metric.isNull = reader.bool();
        break;
      case 9:
        metric.unit = readUnit(reader.message(), budget);
        break;
      case 10:
        metric.value = { in: 'int', value: reader.uint32() };
        break;
      case 11:
        metric.value = { in: 'long', value: reader.uint64() };
        break;
      case 12:
        metric.value = { in: 'float', value: reader.float() };
        break;
      case 13:
        metric.value = { in: 'double', value: reader.double() };
        break;
      case 14:
        metric.value = { in: 'boolean', value: reader.bool() };
        break;
      case 15:
        metric.value = { in: 'text', value: reader.text() };
        break;
      case 16:
        metric.value = { in: 'bytes', value: reader.blob() };
        break;
      case 17:
        metric.value = { in: 'dataset', value: readDataSet(reader.message(), budget) };
        break;
      case 18:
        metric.value = {
          in: 'template',
          value: readTemplate(reader.message(), (member) => readMetric(member, budget, depth + 1)),
        };
        break;
      case 19:
        reader.skip();
        metric.value = { in: 'extension' };
        break;
      default:
        reader.skip();
    }
  }
  return metric;
}

/** Names under which edge nodes give the unit: `engUnit` of the specification's example, and what others make of it. */
const UNIT_KEYS: ReadonlySet<string> = new Set([
  'engunit',
  'engunits',
  'engineeringunit',
  'engineeringunits',
  'unit',
  'units',
]);

/** The unit in a PropertySet: its keys and values are two lists of the same order. */
function readUnit(reader: WireReader, budget: Budget): string | null {
  const keys: string[] = [];
  const texts: (string | null)[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      spend(budget);
      keys.push(reader.text());
    } else if (reader.field === 2) {
      spend(budget);
      texts.push(readTextProperty(reader.message()));
    } else reader.skip();
  }
  const at = keys.findIndex((key, index) => UNIT_KEYS.has(key.toLowerCase().replace(/[^a-z]/g, '')) && texts[index]);
  return at === -1 ? null : texts[at]!;
}

function readTextProperty(reader: WireReader): string | null {
  let text: string | null = null;
  while (reader.next()) {
    if (reader.field === 8) text = reader.text();
    else reader.skip();
  }
  return text;
}
