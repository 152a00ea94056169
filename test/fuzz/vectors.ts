import { encode } from 'cborg';
import { FORMATS, type PayloadFormat, type TelemetryFormat } from '../../ingest/decode/index.ts';
import { type Definition, seal } from '../../ingest/decode/sparkplug/envelope.ts';
import type { SparkplugType } from '../../ingest/decode/sparkplug/types.ts';
import sparkplug from '../../ingest/decode/sparkplug/vectors.json' with { type: 'json' };
import { compileMapping } from '../../ingest/mapping/compile.ts';
import { mappingDefinition } from '../../ingest/mapping/definition.ts';
import { waveformPayload } from '../fixtures/ingestBench.ts';

/** A format with valid payloads to begin from. */
export interface Target {
  format: PayloadFormat;
  valid: readonly Buffer[];
}

const native = [
  { point: 'a', value: 1.5, unit: 'mm/s', time: '2026-01-02T03:04:05.678Z', seq: 4, boot: 'b', sentAt: 1_767_323_046 },
  [
    { point: 'a', value: 1 },
    { point: 'b', value: -2e-3, time: 1_767_323_045_123 },
  ],
  {
    boot: 'x',
    seq: 7,
    samples: [
      { point: 'a', value: 1 },
      { point: 'b', value: 2, unit: 'g' },
    ],
  },
  { time: 1_767_323_045, values: { ax: 1, ay: 2, az: 3 } },
];
const senml = [
  [
    { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1_276_020_076, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', t: -5, v: 1.2 },
  ],
  [
    { n: 'a', vb: true },
    { n: 'b', vs: 'x' },
    { n: 'c', s: 5, bs: 1, bv: 2 },
  ],
];
const labels: Readonly<Record<string, number>> = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
};

const json = (messages: readonly unknown[]): Buffer[] =>
  messages.map((message) => Buffer.from(JSON.stringify(message)));

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const sealed = (type: SparkplugType, digits: string, definitions: readonly (Definition | null)[] = []): Buffer =>
  seal({ type, definitions, held: null }, hex(digits));
const { nbirth, ndata, ...others } = sparkplug.tahu;
const births: readonly Definition[] = [
  ['Inlet/Temperature', 9, '°C'],
  ['Pressure', 10, 'bar'],
];

const VALID: Readonly<Record<string, readonly Buffer[]>> = {
  json: json(native),
  cbor: native.map((message) => Buffer.from(encode(message))),
  'senml-json': json(senml),
  'senml-cbor': senml.map((records) =>
    Buffer.from(
      encode(records.map((record) => new Map(Object.entries(record).map(([label, told]) => [labels[label]!, told])))),
    ),
  ),
  line: [
    'vib,plant=a,axis=x rms=1.5,count=3u,alarm=F,mode="run \\"1\\"" 1465839830100400200\n# note\ncpu\\ 0 v=-1e3,w=4i',
  ].map((text) => Buffer.from(text)),
  csv: [
    'point,value,unit,time\nrms,1.5,mm/s,2026-01-02T03:04:05Z\n"a ""b""",2,,\n',
    'time;temp;speed\n1767323045;21.5;1480\n1767323046;;1481\n',
  ].map((text) => Buffer.from(text)),
  /** As others encode it: messages that name their metrics themselves, a birth, and data with what their birth said. */
  sparkplug: [
    ...Object.values(others).map((digits) => sealed('NDATA', digits)),
    ...[sparkplug.pysparkplug, sparkplug.arrays].map(hex),
    ...[sealed('NBIRTH', nbirth), sealed('NDATA', ndata, births)],
  ],
  flw1: [
    waveformPayload({}, new Int16Array(32)),
    waveformPayload({ encoding: 'float32', count: 8, scale: 1 }, new Int16Array(16)),
  ],
};

/** A mapping of each kind of bytes, with nested lists, names out of the message, conversions and times. */
const MAPPINGS: readonly { name: string; definition: unknown; valid: readonly Buffer[] }[] = [
  {
    name: 'mapped:json',
    definition: {
      time: { path: '/ts', zone: 'Europe/Berlin' },
      seq: '/seq',
      ignore: [{ path: '/kind', equals: 'hello' }],
      readings: [
        {
          each: '/groups/*/sensors/*',
          point: '{../../name}.{key}',
          value: 'v',
          decimalComma: true,
          unit: { path: 'u' },
        },
        { each: '/values/*', point: '{key}', convert: 'degF->degC', enumeration: { ON: 1 }, missing: 'skip' },
      ],
    },
    valid: json([
      {
        ts: '2026-07-01T12:00:00',
        seq: 3,
        groups: [{ name: 'm', sensors: [{ v: '1,5', u: 'g' }, { v: 2 }] }],
        values: { a: 1, b: 'ON', c: null },
      },
    ]),
  },
  {
    name: 'mapped:csv',
    definition: {
      format: 'csv',
      csv: { columns: ['when', 'temp'], delimiter: ';' },
      readings: [
        {
          each: '/*',
          point: 'temp',
          value: 'temp',
          decimalComma: true,
          time: { path: 'when', pattern: 'dd.MM.yyyy HH:mm', zone: 'Asia/Shanghai' },
        },
      ],
    },
    valid: [Buffer.from('02.01.2026 03:04;21,5\n02.01.2026 03:05;"1.000,5"\n')],
  },
  {
    name: 'mapped:line',
    definition: {
      format: 'line',
      readings: [{ each: '/*/fields/*', point: '{../../tags/axis}.{key}', time: { path: '../../time', format: 'ns' } }],
    },
    valid: VALID.line!,
  },
  {
    name: 'mapped:cbor',
    definition: { format: 'cbor', readings: [{ each: '/values/*', point: '{key}' }] },
    valid: VALID.cbor!,
  },
];

/** Everything that decodes, and payloads of each; a format nobody wrote vectors for begins from those of all the others. */
export function fuzzTargets(wanted?: string): readonly Target[] {
  const everything = Object.values(VALID).flat();
  const mapped = MAPPINGS.map(({ name, definition, valid }) => {
    const format: TelemetryFormat = compileMapping(name, mappingDefinition.parse(definition));
    return { format, valid };
  });
  const targets = [...FORMATS.map((format) => ({ format, valid: VALID[format.name] ?? everything })), ...mapped];
  const chosen = wanted === undefined ? targets : targets.filter(({ format }) => format.name === wanted);
  if (chosen.length === 0)
    throw new Error(`no format ${wanted}; there are ${targets.map(({ format }) => format.name).join(', ')}`);
  return chosen;
}
